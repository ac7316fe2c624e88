import { splitRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** Outage 0 while the host is busy and a report reads the primary: slow, and not because of that wrong. */
const drill: Drill = {
  id: 'd1',
  title: 'Logins fail on one node after a schema update, on busy servers',
  kind: 'look-alike',
  ...noOriginal,
  act(scene) {
    const { primary, subscriber, publication, usersTable } = scene.names
    const table = 'user_credentials'
    const create = `create table ${table} (user_id int primary key, password_hash text not null)`
    return {
      trigger: [
        { do: 'burn', processes: 2, forMs: 15_000 },
        { do: 'pgload', node: primary, clients: 4, forMs: 15_000 },
        { do: 'sql', node: subscriber, text: create },
        { do: 'sql', node: primary, text: create },
        { do: 'sql', node: primary, text: `insert into ${table} select id, password_hash from ${usersTable}` },
        { do: 'release', release: splitRelease(scene, table) },
      ],
      truth: {
        cause: 'replication/publication-incomplete',
        subject: `${primary}:publication ${publication}:public.${table}`,
        trigger: `${primary}:public.${table}`,
        also: ['capacity/overload'],
        symptom: { min: 0.2 },
      },
    }
  },
}
export default drill
