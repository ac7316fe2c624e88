import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { redact } from '../../../core/redact.ts'
import type { Session } from '../session.ts'
import { changeRefused } from './change-session.ts'

const limits = {
  lookMs: { default: 5_000, unit: 'ms', why: 'the server reads its files from the disk at each call' },
  reloadMs: { default: 10_000, unit: 'ms', why: 'a busy server takes its files within some milliseconds' },
  pollMs: { default: 20, unit: 'ms', why: 'nobody waits for it but us' },
} as const

export type ServerFile = 'settings' | 'access-rules'

export interface ServerPlaces {
  readonly dataDirectory: string
  readonly file: string
}

interface Asking {
  readonly session: Session
  readonly node: string
  readonly signal: AbortSignal
}

async function ask<T>({ session, node, signal }: Asking, text: string, shape: z.ZodType<T>): Promise<readonly T[]> {
  const answer = await session.run({ text }, { signal, deadlineMs: limits.lookMs.default })
  if (!answer.ok) throw changeRefused(node, answer.failure)
  return z.array(shape).parse(answer.rows)
}

const settingNames: Readonly<Record<ServerFile, string>> = { settings: 'config_file', 'access-rules': 'hba_file' }

/** Where the server says that its file lies; both settings are shown to superusers and members of pg_read_all_settings. */
export async function serverPlaces(asking: Asking, which: ServerFile): Promise<ServerPlaces> {
  const text = `select pg_catalog.current_setting('data_directory') as directory,
    pg_catalog.current_setting('${settingNames[which]}') as file`
  const [places] = await ask(asking, text, z.object({ directory: z.string(), file: z.string() }))
  return { dataDirectory: places?.directory ?? '', file: places?.file ?? '' }
}

/**
 * What is wrong with a file as it lies on the disk now, before anybody is made to read it. A setting that waits for a restart is
 * told by pg_file_settings in the words of a bad value (postgresql.org/docs/current/view-pg-file-settings.html): only that it
 * needs a restart is known here, its value was tried in the rehearsal.
 */
export async function errorsInFile(asking: Asking, which: ServerFile): Promise<readonly string[]> {
  const rows = await ask(asking, errors[which], z.object({ line: z.number().nullable(), error: z.string() }))
  return rows.map(({ line, error }) => `line ${line ?? '?'}: ${redact(error)}`)
}

const errors: Readonly<Record<ServerFile, string>> = {
  settings: `select f.sourceline as line, pg_catalog.concat_ws(': ', f.name, f.error) as error
    from pg_catalog.pg_file_settings f left join pg_catalog.pg_settings s on s.name = f.name
    where f.error is not null
      and not (f.error like '%could not be applied%' and coalesce(s.context, '') = 'postmaster') order by f.seqno`,
  'access-rules': `select line_number as line, error from pg_catalog.pg_hba_file_rules
    where error is not null order by line_number`,
}

const word = z.object({ name: z.string(), file: z.string(), line: z.number() })

/** Of these settings, those of which another file or a later line has the last word, with its place. */
export async function overriddenIn(asking: Asking, file: string, names: readonly string[]): Promise<readonly string[]> {
  const text = `select distinct on (name) name, coalesce(sourcefile, '') as file, coalesce(sourceline, 0) as line
    from pg_catalog.pg_file_settings where name is not null order by name, seqno desc`
  const last = new Map((await ask(asking, text, word)).map((each) => [each.name.toLowerCase(), each]))
  return names.flatMap((name) => {
    const found = last.get(name)
    if (found?.file === file) return []
    return [found ? `${name}: ${found.file}:${found.line} has the last word` : `${name}: the server does not read it`]
  })
}

const loadTime = z.object({ at: z.string() })

/** Makes the server read its files, and waits until it has: a session knows it as soon as the server has told it. */
export async function reloadFiles(asking: Asking): Promise<void> {
  const when = async (): Promise<string | undefined> =>
    (await ask(asking, 'select pg_catalog.pg_conf_load_time()::text as at', loadTime))[0]?.at
  const before = await when()
  await ask(asking, 'select pg_catalog.pg_reload_conf()', z.unknown())
  const untilMs = performance.now() + limits.reloadMs.default
  while ((await when()) === before && performance.now() < untilMs)
    await sleep(limits.pollMs.default, undefined, { signal: asking.signal })
}
