/** A column as its engine describes it. */
export interface ColumnDescription {
  readonly name: string;
  /** The engine's type, with what restricts its values. */
  readonly type: string;
  readonly nullable: boolean;
  /** The engine's words for the default, null for none. */
  readonly default: string | null;
  /** Whether the database gives the value when none is written. */
  readonly generated: boolean;
}

/** Columns that a key is made of, in order. */
export interface KeyDescription {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface ForeignKeyDescription extends KeyDescription {
  readonly references: { readonly table: string; readonly columns: readonly string[] };
  readonly onDelete: string;
}

/** A table as its engine describes it; keys are sorted by name, columns stand in their order. */
export interface TableDescription {
  readonly name: string;
  readonly columns: readonly ColumnDescription[];
  readonly primaryKey: readonly string[];
  readonly unique: readonly KeyDescription[];
  readonly indexes: readonly KeyDescription[];
  readonly foreignKeys: readonly ForeignKeyDescription[];
}

export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : Number(a.name > b.name);

/** Groups rows by key, keeping the order in which keys and rows come. */
export const grouped = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): [string, Row[]][] => [
  ...Map.groupBy(rows, keyOf),
];

const renderColumn = (column: ColumnDescription): string =>
  [
    `  ${column.name}: ${column.type}`,
    column.nullable ? 'null' : 'not null',
    ...(column.default === null ? [] : [`default ${column.default}`]),
    ...(column.generated ? ['generated'] : []),
  ].join(', ');

const renderKey = (word: string, key: KeyDescription): string => `  ${word} ${key.name} (${key.columns.join(', ')})`;

/** The text of a schema that is committed and compared: one line for each column and key. */
export const renderSchema = (tables: readonly TableDescription[]): string =>
  tables
    .map((table) =>
      [
        table.name,
        ...table.columns.map(renderColumn),
        `  primary key (${table.primaryKey.join(', ')})`,
        ...table.unique.map((key) => renderKey('unique', key)),
        ...table.indexes.map((key) => renderKey('index', key)),
        ...table.foreignKeys.map((key) => {
          const { table: other, columns } = key.references;
          return `${renderKey('foreign key', key)} references ${other} (${columns.join(', ')}), on delete ${key.onDelete}`;
        }),
        '',
      ].join('\n'),
    )
    .join('\n');
