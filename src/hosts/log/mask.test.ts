import { expect, test } from 'vitest'
import { maskContext, maskDetail, maskMessage } from './mask.ts'

test.each([
  [
    'duplicate key value violates unique constraint "users_pkey"',
    'duplicate key value violates unique constraint "users_pkey"',
  ],
  ['invalid input syntax for type integer: "hunter2"', 'invalid input syntax for type integer: "…"'],
  ['value "99999999999" is out of range for type integer', 'value "…" is out of range for type integer'],
  ['syntax error at or near "selec"', 'syntax error at or near "selec"'],
  [`syntax error at or near "'it''s me'"`, 'syntax error at or near "…"'],
  ["unterminated quoted string 'abc'", "unterminated quoted string '…'"],
  ['mail to ann.b@example.org failed', 'mail to …@… failed'],
  ['parameter "archive_command" changed to "curl -u a:b x"', 'parameter "archive_command" changed to "…"'],
  [
    'parameter "primary_conninfo" changed to "host=a password=b"',
    'parameter "primary_conninfo" changed to "host=a password=***"',
  ],
  ['role "app" does not exist', 'role "app" does not exist'],
])('message %s', (text, masked) => {
  expect(maskMessage(text, null)).toBe(masked)
})

test('an error of the application itself keeps its words and none of its values', () => {
  expect(maskMessage('customer 6001 (Ann) has no "gold" card', 'P0001')).toBe('customer … (Ann) has no "…" card')
})

test.each([
  ['Key (id)=(6001) already exists.', 'Key (id)=(...) already exists.'],
  ['Key (a, b)=(1, x) y) is not present in table "t".', 'Key (a, b)=(...) is not present in table "t".'],
  [
    'Key (lower(x))=(ann) conflicts with existing key (lower(x))=(ann).',
    'Key (lower(x))=(...) conflicts with existing key (lower(x))=(...).',
  ],
  ['Failing row contains (1, ann, (x)).', 'Failing row contains (...).'],
  [
    "Key (id)=(1); existing local row (1, ann); remote row (1, 'bob').",
    'Key (id)=(...); existing local row (...); remote row (...).',
  ],
  [
    'Existing local row (1, a); remote row (1, b); replica identity (id)=(1).',
    'Existing local row (...); remote row (...); replica identity (...).',
  ],
  ['Failed process was running: select 1 from users where mail = x', 'Failed process was running: …'],
  [
    'Process 12 waits for ShareLock on transaction 7; blocked by process 13.\nProcess 12: update users set a = 6001\nwhere b = 2\nProcess 13: delete from x',
    'Process 12 waits for ShareLock on transaction 7; blocked by process 13.\nProcess 12: …\nProcess 13: …',
  ],
  ["Parameters: $1 = 'ann', $2 = NULL", 'Parameters: …'],
])('detail %s', (text, masked) => {
  expect(maskDetail(text)).toBe(masked)
})

test.each([
  ['COPY users, line 3, column id: "abc"', 'COPY users, line 3, column id: …'],
  [
    'SQL statement "insert into x values (\'ann\')"\nPL/pgSQL function f() line 3',
    'SQL statement "…"\nPL/pgSQL function f() line 3',
  ],
  [
    'processing remote data for replication origin "pg_16389" during message type "INSERT" for replication target relation "public.users" in transaction 735, finished at 0/15A2B30',
    'processing remote data for replication origin "pg_16389" during message type "INSERT" for replication target relation "public.users" in transaction 735, finished at 0/15A2B30',
  ],
  ["unnamed portal with parameters: $1 = 'ann'", 'unnamed portal with parameters: …'],
])('context %s', (text, masked) => {
  expect(maskContext(text)).toBe(masked)
})
