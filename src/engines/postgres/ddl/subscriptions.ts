import { z } from 'zod'

/** A subscription without its connection string, which a reading role may not see. */
export interface SubscriptionDdl {
  readonly name: string
  readonly enabled: boolean
  /** Row security and privileges stop the apply worker of any other. */
  readonly ownerIsSuperuser: boolean
  readonly owner: string
  /** null: none (`slot_name = none`). */
  readonly slot: string | null
  readonly publications: readonly string[]
  readonly failover: boolean
  /** As `create subscription … with` spells them; only what differs from the default of its version. */
  readonly options: Readonly<Record<string, string>>
  /** What it carries, as `schema.table`. */
  readonly tables: readonly string[]
}

/** Column privileges forbid the whole row, so that each version names the columns that it has. */
export const subscriptions = (versionNum: number): string => {
  const since = (version: number, sql: string, before: string): string => (versionNum >= version ? sql : before)
  const options = [
    `'binary', case when s.subbinary then 'true' end`,
    `'streaming', case s.substream::text ${
      // 18 streams in parallel without being told.
      since(
        180000,
        `when 'f' then 'off' when 't' then 'on'`,
        `when 'p' then 'parallel' when 't' then 'on' when 'true' then 'on'`,
      )
    } end`,
    `'two_phase', case when s.subtwophasestate <> 'd' then 'true' end`,
    `'disable_on_error', case when s.subdisableonerr then 'true' end`,
    since(160000, `'run_as_owner', case when s.subrunasowner then 'true' end`, ''),
    since(160000, `'origin', case when s.suborigin <> 'any' then s.suborigin end`, ''),
  ].filter((option) => option !== '')
  return `select s.subname as name, s.subenabled as enabled,
      (select rolsuper from pg_roles where oid = s.subowner) as "ownerIsSuperuser", pg_get_userbyid(s.subowner)::text as owner, s.subslotname::text as slot, s.subpublications as publications,
      ${since(170000, 's.subfailover', 'false')} as failover, json_strip_nulls(json_build_object(${options.join(', ')})) as options,
      array(select format('%I.%I', n.nspname, c.relname) from pg_subscription_rel r join pg_class c on c.oid = r.srrelid
        join pg_namespace n on n.oid = c.relnamespace where r.srsubid = s.oid order by 1) as tables
    from pg_subscription s where s.subdbid = (select oid from pg_database where datname = current_database()) order by s.subname`
}

export const subscriptionRow: z.ZodType<SubscriptionDdl> = z.object({
  name: z.string(),
  enabled: z.boolean(),
  ownerIsSuperuser: z.boolean(),
  owner: z.string(),
  slot: z.string().nullable(),
  publications: z.array(z.string()),
  failover: z.boolean(),
  options: z.record(z.string(), z.string()),
  tables: z.array(z.string()),
})
