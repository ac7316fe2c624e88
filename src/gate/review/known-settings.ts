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
        values: values === '' ? [] : values.split(','),
      },
    ]
  }),
)

/** By its name, in whatever letters; null: this version has none of that name. */
export const knownSetting = (name: string): KnownSetting | null => known.get(name.toLowerCase()) ?? null

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
