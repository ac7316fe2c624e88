import { settingLines } from './settings.generated.ts'

export interface KnownSetting {
  readonly name: string
  /** `postmaster`: it takes a restart. */
  readonly context: string
  readonly type: 'bool' | 'enum' | 'integer' | 'real' | 'string'
  readonly unit: string | null
  readonly min: number
  readonly max: number
  /** Of an enum. */
  readonly values: readonly string[]
}

/** Values that other builds take, and those that the server takes and does not list. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  client_min_messages: ['debug'],
  default_toast_compression: ['lz4'],
  dynamic_shared_memory_type: ['windows'],
  io_method: ['io_uring'],
  log_min_error_statement: ['debug'],
  log_min_messages: ['debug'],
  shared_memory_type: ['windows'],
  ssl_max_protocol_version: [''],
  ssl_min_protocol_version: [''],
  wal_compression: ['lz4', 'zstd'],
  wal_level: ['archive', 'hot_standby'],
  wal_sync_method: ['fsync_writethrough'],
}

/** Names of versions 13 to 17 that 18 has no more. */
const older = new Set(
  'db_user_namespace force_parallel_mode lc_collate lc_ctype old_snapshot_threshold operator_precedence_warning promote_trigger_file ssl_ecdh_curve stats_temp_directory trace_recovery_messages vacuum_cleanup_index_scale_factor vacuum_defer_cleanup_age wal_keep_segments'.split(
    ' ',
  ),
)

const types = ['bool', 'enum', 'integer', 'real', 'string'] as const

const known: ReadonlyMap<string, KnownSetting> = new Map(
  settingLines.map((line): [string, KnownSetting] => {
    const [name = '', context = '', type = '', unit = '', min = '', max = '', values = ''] = line.split('|')
    return [
      name.toLowerCase(),
      {
        name,
        context,
        type: types.find((each) => each === type) ?? 'string',
        unit: unit === '' ? null : unit,
        min: Number(min),
        max: Number(max),
        values: values === '' ? [] : [...values.split(','), ...(elsewhere[name] ?? [])],
      },
    ]
  }),
)

/** By its name, in whatever letters; null: this version has none of that name. */
export const knownSetting = (name: string): KnownSetting | null => known.get(name.toLowerCase()) ?? null

/** A name that an older version has: by the text alone nobody knows which one will read it. */
export const isOlderSetting = (name: string): boolean => older.has(name.toLowerCase())

/** The name that differs in one or two letters, for whoever has mistyped it. */
export function nearestSetting(name: string): string | null {
  const near = [...known.keys()].find(
    (other) => Math.abs(other.length - name.length) <= 2 && distance(name, other) <= 2,
  )
  return near ?? null
}

/** How many letters must be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1])))
    row = next
  }
  return row[b.length] ?? 0
}
