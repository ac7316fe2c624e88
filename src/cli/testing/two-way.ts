import type { Lab } from '../../lab/lab.ts'

/** Makes `primary` and `reports` follow each other: what comes from elsewhere is sent to nobody a second time. */
export async function followEachOther(lab: Lab, tables: readonly string[]): Promise<void> {
  const { host, port, database } = lab.node('reports')
  const address = `host=${host} port=${port} dbname=${database} user=replicator password=${lab.password('replicator')}`
  await lab.rows('reports', `create publication back_pub for table ${tables.join(', ')}`)
  await lab.rows(
    'primary',
    `create subscription back_sub connection '${address}' publication back_pub with (copy_data = false, origin = none)`,
  )
  await lab.rows('reports', 'alter subscription reports_sub set (origin = none)')
}

/** A change that a node sends to nobody, as if it had come from elsewhere: this is how two nodes come to differ. */
export async function unsent(lab: Lab, node: string, sql: string): Promise<void> {
  await lab.rows(
    node,
    `do $$ begin if not exists (select from pg_replication_origin where roname = 'elsewhere') then
      perform pg_replication_origin_create('elsewhere'); end if; end $$;
    select pg_replication_origin_session_setup('elsewhere'); set session_replication_role = replica; ${sql}`,
  )
}
