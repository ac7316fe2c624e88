import { z } from 'zod'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'

/** What the catalog says of a login and its database: SQLSTATE 28P01 is one word for four causes. */
export interface LoginFacts {
  /** null: there is no such role. */
  readonly role: {
    readonly canLogin: boolean
    readonly limit: number
    readonly sessions: number
    /** As text; null where it never ends. */
    readonly validUntil: string | null
    readonly isExpired: boolean
  } | null
  /** null: there is no such database. */
  readonly database: {
    readonly limit: number
    readonly sessions: number
  } | null
}

const sql = `select json_build_object(
  'role', (select json_build_object('canLogin', rolcanlogin, 'limit', rolconnlimit,
      'sessions', (select count(*) from pg_stat_activity where usename = rolname),
      'validUntil', case when isfinite(rolvaliduntil) then rolvaliduntil::text end,
      'isExpired', coalesce(rolvaliduntil <= now(), false))
    from pg_roles where rolname = $1),
  'database', (select json_build_object('limit', datconnlimit,
      'sessions', (select count(*) from pg_stat_activity a where a.datname = d.datname))

    from pg_database d where datname = $2)) as facts`

const row: z.ZodType<{ readonly facts: LoginFacts }> = z.object({
  facts: z.object({
    role: z
      .object({
        canLogin: z.boolean(),
        limit: z.number(),
        sessions: z.number(),
        validUntil: z.string().nullable(),
        isExpired: z.boolean(),
      })
      .nullable(),
    database: z.object({ limit: z.number(), sessions: z.number() }).nullable(),
  }),
})

/** By the reading role, of pg_roles and pg_database, which everybody may read; null where it gets no answer. */
export async function readLoginFacts(
  { session }: Pick<ReaderSession, 'session'>,
  { user, database }: { readonly user: string; readonly database: string },
  limits: Limits,
): Promise<LoginFacts | null> {
  const answer = await session.run({ text: sql, values: [user, database] }, limits)
  return answer.ok ? row.parse(answer.rows[0]).facts : null
}
