import { z } from 'zod'
import { settingText } from '../../../core/sql-text.ts'
import { changeRefused, openChangeSession } from './change-session.ts'

const fileName = 'postgresql.auto.conf'

const settingRow = z.object({ name: z.string(), value: z.string() })
const textRow = z.object({ text: z.string() })
const deadlineMs = 5_000

export interface KeptFile {
  /** By name, as `alter system` wrote them. */
  readonly settings: Readonly<Record<string, string>>
  /** The file as it stands; null where the acting role may not read it. Secrets may be in it. */
  readonly text: string | null
}

/** What `alter system` has written so far: the only source of a way back, because `pg_settings` shows what is live. */
export async function readKeptSettings(node: string, url: string, signal: AbortSignal): Promise<KeptFile> {
  const session = await openChangeSession(node, url, signal)
  try {
    const limits = { signal, deadlineMs }
    const answer = await session.run(
      {
        text: `select name, setting as value from pg_catalog.pg_file_settings
          where sourcefile like '%/${fileName}' and name is not null and error is null order by seqno`,
      },
      limits,
    )
    if (!answer.ok) throw changeRefused(node, answer.failure)
    const rows = z.array(settingRow).parse(answer.rows)
    const file = await session.run({ text: `select pg_catalog.pg_read_file('${fileName}') as text` }, limits)
    return {
      settings: Object.fromEntries(rows.map(({ name, value }) => [name, value])),
      text: file.ok ? textRow.parse(file.rows[0]).text : null,
    }
  } finally {
    await session.close()
  }
}

/** Puts settings of the server back as they were kept, and lets it read them. `name: null`: all of them. */
export async function putSettingsBack(
  {
    node,
    url,
    names,
    kept,
  }: { node: string; url: string; names: readonly (string | null)[]; kept: KeptFile['settings'] },
  signal: AbortSignal,
): Promise<void> {
  const session = await openChangeSession(node, url, signal)
  try {
    const texts = names.includes(null)
      ? ['alter system reset all', ...Object.keys(kept).map((name) => orderOf(name, kept))]
      : names.flatMap((name) => (name === null ? [] : [orderOf(name, kept)]))
    for (const text of [...texts, 'select pg_catalog.pg_reload_conf()']) {
      const answer = await session.run({ text }, { signal, deadlineMs })
      if (!answer.ok) throw changeRefused(node, answer.failure)
    }
  } finally {
    await session.close()
  }
}

const orderOf = (name: string, kept: KeptFile['settings']): string => {
  const value = kept[name]
  return value === undefined ? `alter system reset ${name}` : `alter system set ${name} = ${settingText(name, value)}`
}
