import type { LabStep } from '../../core/lab-step.ts'
import { subject } from '../../core/subject.ts'
import { reading, type Drill } from '../scene.ts'

/**
 * Seed 0. A migration makes a table on the primary and on the subscriber; the publication lists its tables by name and is not
 * told. The next release reads from the new table: every login whose read lands on the subscriber finds nobody.
 */
const drill: Drill = {
  id: '0',
  title: 'Logins fail on one node after a schema update',
  kind: 'outage',
  course: [
    { minute: 0, words: 'Alerts: many failed logins' },
    { minute: 6, words: 'Customers call; engineers are told' },
    { minute: 17, words: 'They look at the network and at load' },
    { minute: 41, words: 'They suspect the latest deployment' },
    { minute: 65, words: 'They call the database administrators' },
    { minute: 89, words: 'Replication is found misconfigured' },
    { minute: 119, words: 'The replication set-up is corrected' },
    { minute: 153, words: 'All logins work again' },
  ],
  original: { toCauseMin: 89, totalMin: 153 },
  guards: {
    prevent: 'gate:replication/table-not-carried',
    detect: 'check:replication/row-consistency',
    diagnose: 'drill:0',
    recover: 'drill:0',
  },
  act({ names, release }, random) {
    const { primary, subscriber, publication, subscription, usersTable } = names
    const table = random.pick(['user_credentials', 'credentials', 'login_secrets', 'account_keys'])
    const create = `create table ${table} (user_id int primary key, password_hash text not null)`
    const fill = `insert into ${table} select id, password_hash from ${usersTable}`
    const untold = subject.publicationTable(primary, publication, 'public', table)
    const trigger: readonly LabStep[] = [
      { do: 'sql', node: subscriber, text: create },
      { do: 'sql', node: primary, text: create },
      { do: 'sql', node: primary, text: fill },
      { do: 'wait', ms: 1000 },
      { do: 'release', release: { ...release, name: 'v2', statements: reading(table, 'user_id', usersTable) } },
    ]
    return {
      trigger,
      truth: {
        cause: 'replication/publication-incomplete',
        subject: untold,
        trigger: `${primary}:public.${table}`,
        symptom: { codes: ['APP_NO_SUCH_USER'], min: 0.2 },
      },
      change: {
        is: 'files',
        asMade: [
          {
            name: 'as-made.sql',
            text: [
              `-- antemortem:on ${primary}, ${subscriber}`,
              `${create};`,
              `-- antemortem:on ${primary}`,
              `${fill};`,
              '',
            ].join('\n'),
          },
        ],
        corrected: [
          {
            name: 'corrected.sql',
            text: [
              `-- antemortem:on ${subscriber}`,
              `${create};`,
              `-- antemortem:on ${primary}`,
              `${create};`,
              `alter publication ${publication} add table ${table};`,
              `${fill};`,
              `-- antemortem:on ${subscriber}`,
              `alter subscription ${subscription} refresh publication;`,
              '',
            ].join('\n'),
          },
        ],
        review: { rules: ['replication/table-unpublished'], objects: [untold], node: subscriber },
        rehearse: { rules: ['replication/table-not-carried'], objects: [untold], node: subscriber },
      },
    }
  },
}
export default drill
