-- The tables of the catalog for MySQL 8.4 and MariaDB 10.6 or newer.
-- Generated from the migrations by "npm run schema-sql" in packages/schema: do not edit.
-- Run it once, in an empty database; it stops at the first table that is there already.
-- Afterwards the platform's own migration finds nothing to do, and applies what later versions add.

set time_zone = '+00:00';

create table schema_migrations (
  name varchar(255) not null primary key,
  applied_at datetime(3) not null default current_timestamp(3)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

-- 0001_systems

create table repositories (
  id bigint not null auto_increment primary key,
  location varchar(700) not null,
  password_secret varchar(2048) not null,
  created_at datetime(3) not null default current_timestamp(3),
  constraint repositories_location unique (location)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

create table source_systems (
  id bigint not null auto_increment primary key,
  source_system varchar(63) not null,
  kind varchar(63) not null,
  settings json not null,
  repository_id bigint not null,
  created_at datetime(3) not null default current_timestamp(3),
  updated_at datetime(3) not null default current_timestamp(3),
  constraint source_systems_name unique (source_system),
  constraint source_systems_repository foreign key (repository_id) references repositories (id),
  index source_systems_repository (repository_id)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

create table target_systems (
  id bigint not null auto_increment primary key,
  target_system varchar(63) not null,
  kind varchar(63) not null,
  settings json not null,
  created_at datetime(3) not null default current_timestamp(3),
  updated_at datetime(3) not null default current_timestamp(3),
  constraint target_systems_name unique (target_system)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

insert into schema_migrations (name) values ('0001_systems');

-- 0002_jobs

create table backup_schedules (
  id bigint not null auto_increment primary key,
  job_name varchar(63) not null,
  source_system varchar(63) not null,
  backup_type enum('full', 'incremental', 'differential') not null default 'incremental',
  cron_expression varchar(255) not null,
  time_zone varchar(64) not null default 'UTC',
  retention_days int not null default 30,
  enabled boolean not null default 1,
  last_due_at datetime(3) null,
  created_at datetime(3) not null default current_timestamp(3),
  updated_at datetime(3) not null default current_timestamp(3),
  constraint backup_schedules_job_name unique (job_name),
  constraint backup_schedules_source foreign key (source_system) references source_systems (source_system),
  index backup_schedules_source (source_system)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

create table backup_jobs (
  id bigint not null auto_increment primary key,
  job_name varchar(63) not null,
  source_system varchar(63) not null,
  backup_type enum('full', 'incremental', 'differential') not null,
  status enum('pending', 'running', 'completed', 'failed') not null default 'pending',
  schedule_id bigint null,
  due_at datetime(3) null,
  request_id varchar(128) null,
  retention_days int not null default 30,
  error json null,
  created_at datetime(3) not null default current_timestamp(3),
  started_at datetime(3) null,
  completed_at datetime(3) null,
  constraint backup_jobs_request unique (request_id),
  constraint backup_jobs_due unique (schedule_id, due_at),
  constraint backup_jobs_schedule foreign key (schedule_id) references backup_schedules (id) on delete set null,
  index backup_jobs_source (source_system, status, id),
  index backup_jobs_status (status, id)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

create table recovery_points (
  job_id bigint not null primary key,
  repository_id bigint not null,
  snapshot_id char(64) not null,
  source_system varchar(63) not null,
  backup_type enum('full', 'incremental', 'differential') not null,
  evidence json not null,
  created_at datetime(3) not null default current_timestamp(3),
  hold_reason varchar(255) null,
  last_proven_at datetime(3) null,
  forgotten_at datetime(3) null,
  constraint recovery_points_snapshot unique (repository_id, snapshot_id),
  constraint recovery_points_job foreign key (job_id) references backup_jobs (id),
  constraint recovery_points_repository foreign key (repository_id) references repositories (id),
  index recovery_points_source (source_system, job_id)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

insert into schema_migrations (name) values ('0002_jobs');

-- 0003_tasks

create table recoveries (
  id bigint not null auto_increment primary key,
  job_id bigint not null,
  target_system varchar(63) not null,
  include_patterns json not null,
  dry_run boolean not null default 0,
  status enum('pending', 'running', 'completed', 'failed', 'cancelled') not null default 'pending',
  request_id varchar(128) null,
  expected_seconds int null,
  result json null,
  verification json null,
  error json null,
  created_at datetime(3) not null default current_timestamp(3),
  started_at datetime(3) null,
  completed_at datetime(3) null,
  constraint recoveries_request unique (request_id),
  constraint recoveries_job foreign key (job_id) references backup_jobs (id),
  index recoveries_job (job_id),
  index recoveries_status (status, id)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

create table tasks (
  id bigint not null auto_increment primary key,
  kind enum('backup', 'recovery', 'verify', 'forget') not null,
  status enum('pending', 'running', 'completed', 'failed', 'cancelled') not null default 'pending',
  job_id bigint null,
  recovery_id bigint null,
  specification json not null,
  lease_owner varchar(255) null,
  lease_generation int not null default 0,
  lease_expires_at datetime(3) null,
  attempts int not null default 0,
  max_attempts int not null default 5,
  not_before datetime(3) not null default current_timestamp(3),
  cancel_requested boolean not null default 0,
  progress json null,
  progress_since datetime(3) null,
  result json null,
  error json null,
  created_at datetime(3) not null default current_timestamp(3),
  completed_at datetime(3) null,
  constraint tasks_job foreign key (job_id) references backup_jobs (id),
  constraint tasks_recovery foreign key (recovery_id) references recoveries (id),
  index tasks_claim (status, not_before, id),
  index tasks_job (job_id),
  index tasks_lease (status, lease_expires_at),
  index tasks_recovery (recovery_id)
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

insert into schema_migrations (name) values ('0003_tasks');

-- 0004_agents

create table agents (
  agent_id varchar(255) not null primary key,
  host_name varchar(255) not null,
  version varchar(64) not null,
  state enum('ready', 'busy', 'draining') not null default 'ready',
  last_seen_at datetime(3) not null
) engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin;

insert into schema_migrations (name) values ('0004_agents');
