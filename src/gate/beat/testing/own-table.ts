import { readFileSync, writeFileSync } from 'node:fs'
import type { Lab } from '../../../lab/lab.ts'
import { waitUntil } from '../../../lab/wait.ts'

/** A table for the row of the lab's only contract, published like the others, and named in the configuration. */
export async function makeOwnTable(lab: Lab, configuration: string): Promise<void> {
  const make = 'create table beats (name text primary key, beat text not null)'
  await lab.rows('reports', make)
  await lab.rows('primary', `${make}; alter publication auth_pub add table beats`)
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  const copied = `select srsubstate from pg_subscription_rel where srrelid = 'beats'::regclass`
  await waitUntil('its copy', async () => (await lab.rows('reports', copied))[0]?.['srsubstate'] === 'r')
  const text = readFileSync(configuration, 'utf8')
  writeFileSync(configuration, text.replace(/(?=canary: ")/, 'canary_table: public.beats, stale_ms: 1s, '))
}
