/** Settings by name, as the files have them. */
export type Configured = ReadonlyMap<string, string>

interface Bounds {
  readonly least: number
  readonly most: number
  /** Absent: a bare number. */
  readonly unit?: 'memory' | 'time'
}

const backends = { least: 0, most: 262_143 }
const largest = 2_147_483_647
/** In the bare number's own meaning, for memory in bytes. The widest of 13 to 18: what lies outside is refused by all. */
const bounds: Readonly<Record<string, Bounds>> = {
  effective_cache_size: { least: 0, most: Infinity, unit: 'memory' },
  idle_in_transaction_session_timeout: { least: 0, most: Infinity, unit: 'time' },
  lock_timeout: { least: 0, most: Infinity, unit: 'time' },
  maintenance_work_mem: { least: 65_536, most: Infinity, unit: 'memory' },
  max_connections: { ...backends, least: 1 },
  max_locks_per_transaction: { least: 10, most: largest },
  max_prepared_transactions: backends,
  max_replication_slots: backends,
  max_wal_senders: backends,
  max_worker_processes: backends,
  port: { least: 1, most: 65_535 },
  shared_buffers: { least: 131_072, most: Infinity, unit: 'memory' },
  statement_timeout: { least: 0, most: Infinity, unit: 'time' },
  superuser_reserved_connections: backends,
  temp_buffers: { least: 0, most: Infinity, unit: 'memory' },
  work_mem: { least: 65_536, most: Infinity, unit: 'memory' },
}
const memory: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }
const times: ReadonlySet<string> = new Set(['us', 'ms', 's', 'min', 'h', 'd'])

/** What of these settings the server refuses at its start, in words that begin with the setting; only what is certain. */
export function startRefusals(configured: Configured): readonly string[] {
  const numbers = [...configured].flatMap(([name, value]) => {
    const limits = bounds[name]
    const why = limits ? refusedNumber(value, limits) : null
    return why === null ? [] : [`${name} = '${value}' ${why}`]
  })
  return [...numbers, ...contradictions(configured)]
}

function refusedNumber(value: string, { least, most, unit }: Bounds): string | null {
  // Hexadecimal, octal and exponents are taken too; they are so rare that nothing is said of them.
  if (/^[-+]?(?:0x[\da-f]+|0\d|[\d.]+e[-+]?\d)/i.test(value)) return null
  const parts = /^([-+]?(?:\d+\.?\d*|\.\d+)) *([A-Za-z]*)$/.exec(value)
  if (!parts) return 'is no number'
  const [, digits = '', suffix = ''] = parts
  const number = Number(digits)
  if (suffix === '') {
    // Of a bare number of memory the unit differs from setting to setting: pages, kilobytes, megabytes.
    return unit !== 'memory' && (number < least || number > most) ? `is outside ${least} … ${most}` : null
  }
  const factor = memory[suffix]
  if (unit === 'memory' && factor !== undefined)
    return number * factor < least && number >= 0 ? `is less than ${least / 1024}kB` : null
  if (unit === 'time' && times.has(suffix)) return null
  return `has the unit ${suffix}, which it cannot have`
}

const isOn = (value: string | undefined): boolean => /^(?:on|true|yes|1|always)$/i.test(value ?? '')

function contradictions(configured: Configured): readonly string[] {
  const number = (name: string, otherwise: number): number => Number(configured.get(name) ?? otherwise)
  const found: string[] = []
  if (configured.get('wal_level')?.toLowerCase() === 'minimal') {
    if (number('max_wal_senders', 10) > 0)
      found.push(`wal_level = minimal with max_wal_senders = ${number('max_wal_senders', 10)}: minimal needs 0`)
    if (isOn(configured.get('archive_mode')))
      found.push('wal_level = minimal with archive_mode: nothing can be archived')
    if (isOn(configured.get('summarize_wal')))
      found.push('wal_level = minimal with summarize_wal: nothing can be summarized')
  }
  const reserved = number('superuser_reserved_connections', 3) + number('reserved_connections', 0)
  if (reserved >= number('max_connections', 100))
    found.push(
      `max_connections = ${number('max_connections', 100)} leaves nothing beside ${reserved} reserved connections`,
    )
  return found
}
