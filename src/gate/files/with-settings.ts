/** A line of postgresql.conf, as the change writes it. */
export interface SettingLine {
  /** In lower case; empty for one that cannot be read. */
  readonly name: string
  readonly line: string
}

/**
 * postgresql.conf with these lines as its last words: in the place of the line that counts now, else at its end, behind every
 * file that it includes. All other lines stay as they are. Pure.
 */
export const withSettings = (text: string, lines: readonly SettingLine[]): string => lines.reduce(withSetting, text)

function withSetting(text: string, { name, line }: SettingLine): string {
  const lines = text.split('\n')
  const names = lines.map((each) => /^\s*([A-Za-z_][\w.]*)(?:\s|=)/.exec(each)?.[1]?.toLowerCase() ?? null)
  const at = name === '' ? -1 : names.lastIndexOf(name)
  const included = names.findLastIndex((each) => each?.startsWith('include') ?? false)
  if (at > included) return lines.with(at, line).join('\n')
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`
}
