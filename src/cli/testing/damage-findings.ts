/** What `integrity --format json` printed, as far as a test asks. */
const listOf = (json: unknown, key: string): readonly Record<string, unknown>[] => Reflect.get(Object(json), key)

export const findings = (json: unknown): readonly Record<string, unknown>[] => listOf(json, 'findings')
export const plans = (json: unknown): readonly Record<string, unknown>[] => listOf(json, 'plans')
export const blind = (json: unknown): readonly Record<string, unknown>[] => listOf(json, 'blind')

/** Check and subject of what is grave. */
export const grave = (json: unknown): readonly string[] =>
  findings(json)
    .filter(({ severity }) => severity === 'critical' || severity === 'error')
    .map(({ check, subject }) => `${String(check)} ${String(subject)}`)
