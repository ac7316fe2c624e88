import { subject } from '../../core/subject.ts'
import { noOriginal, type Drill } from '../scene.ts'

/**
 * The twin of outage 3 without an error: an update replaces a function that a unique index is made of. The index keeps the keys of
 * the old one, and whoever looks with the new one does not find some users. Page checks are green; only comparing the index with
 * its table (`bt_index_check` with `heapallindexed`) shows it.
 */
const drill: Drill = {
  id: 's3b',
  title: 'Some users are not found after an update: an index no longer fits its table',
  kind: 'variant',
  serving: ['primary', 'standby'],
  ...noOriginal,
  act({ names, release }) {
    const { primary, standby, subscriber, usersTable, watch } = names
    const fold = (expression: string): string =>
      `create or replace function login_key(name text) returns text language plpgsql immutable
        as $$ begin return ${expression}; end $$`
    const index = `${usersTable}_login_key`
    const setup = [
      fold('lower(name)'),
      `create unique index ${index} on ${usersTable} (login_key(name))`,
      'create extension if not exists amcheck',
      `grant execute on function bt_index_check(regclass, boolean), bt_index_parent_check(regclass, boolean) to ${watch}`,
    ].join('; ')
    return {
      setup: [
        { do: 'sql', node: subscriber, text: setup },
        { do: 'sql', node: primary, text: setup },
      ],
      release: {
        ...release,
        statements: {
          ...release.statements,
          read: `select password_hash from ${usersTable} where login_key(name) = login_key('user' || $1::int)`,
        },
      },
      // Letters that look alike are one: whoever has a zero in the name has another key now.
      trigger: [{ do: 'sql', node: primary, text: fold(`replace(lower(name), '0', 'o')`) }],
      truth: {
        cause: 'integrity/index-corruption',
        subject: subject.index(primary, 'public', index),
        subjects: [subject.index(standby, 'public', index)],
        trigger: subject.function(primary, 'public', 'login_key'),
        triggers: [subject.function(standby, 'public', 'login_key')],
        symptom: { codes: ['APP_NO_SUCH_USER'], min: 0.05 },
      },
    }
  },
}
export default drill
