import type { IntrinsicFunction } from 'cloudform';

type Text = string | IntrinsicFunction;

/** A statement of a policy, as IAM's JSON writes it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, Text | readonly Text[]>>;
  readonly Action: string | readonly string[];
  readonly Resource?: Text | readonly Text[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A policy document. The version is IAM's newest; without it variables in a policy are plain text. */
export const policyDocument = (...statements: readonly Statement[]): Record<string, unknown> => ({
  Version: '2012-10-17',
  Statement: statements,
});

/** Allows actions on resources. */
export const allow = (
  actions: string | readonly string[],
  resources: Text | readonly Text[],
  condition?: Statement['Condition'],
): Statement => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
  ...(condition === undefined ? {} : { Condition: condition }),
});

/**
 * Allows actions for which AWS knows no narrower resource than `*`. The reason becomes the statement's Sid, so that it
 * stands in the template that a person reviews.
 */
export const allowEverywhere = (
  reason: string,
  actions: readonly string[],
  condition?: Statement['Condition'],
): Statement => ({
  Sid: reason,
  ...allow(actions, '*', condition),
});

/** Lets an AWS service take a role. */
export const trustService = (service: string, condition?: Statement['Condition']): Record<string, unknown> =>
  policyDocument({
    Effect: 'Allow',
    Principal: { Service: `${service}.amazonaws.com` },
    Action: 'sts:AssumeRole',
    ...(condition === undefined ? {} : { Condition: condition }),
  });
