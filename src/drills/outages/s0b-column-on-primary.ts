import { subject } from '../../core/subject.ts'
import { columnRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** A migration adds a column on the primary only: the apply worker fails at it again and again, and the new release misses it. */
const drill: Drill = {
  id: 's0b',
  title: 'Logins fail on one node after a migration: a column is on the primary only',
  kind: 'variant',
  ...noOriginal,
  act(scene, random) {
    const { primary, subscriber, usersTable } = scene.names
    const column = random.pick(['password_algo', 'hash_version', 'login_policy'])
    return {
      trigger: [
        {
          do: 'sql',
          node: primary,
          text: `alter table ${usersTable} add column ${column} text not null default 'md5';
            update ${usersTable} set ${column} = 'argon2id' where id <= 50`,
        },
        { do: 'wait', ms: 1000 },
        { do: 'release', release: columnRelease(scene, column) },
      ],
      truth: {
        cause: 'replication/schema-drift',
        subject: subject.table(subscriber, 'public', usersTable),
        trigger: subject.table(primary, 'public', usersTable),
        also: ['replication/apply-conflict'],
        symptom: { codes: ['42703'], min: 0.2 },
      },
    }
  },
}
export default drill
