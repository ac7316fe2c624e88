/** What one line of a configuration file says. */
export type ConfLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'setting'; readonly name: string; readonly value: string }
  | { readonly kind: 'include'; readonly how: 'include' | 'include_if_exists' | 'include_dir'; readonly path: string }
  | { readonly kind: 'wrong' }

const name = String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`
/** As the server's own scanner has it: a name, perhaps `=`, one value, and nothing but a comment behind it. */
const setting = new RegExp(
  String.raw`^\s*(${name}(?:\.${name})*)(?:\s*=\s*|\s+)('(?:[^'\\\n]|\\.|'')*'|[A-Za-z\u0080-\uffff_][\w$\u0080-\uffff.:/-]*|[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[A-Za-z]*)\s*(?:#.*)?$`,
)
const includes = ['include', 'include_if_exists', 'include_dir'] as const

/** A line of postgresql.conf (manual, "Parameter Interaction via the Configuration File"). Units stay as they are written. */
export function readConfLine(line: string): ConfLine {
  if (/^\s*(?:#|$)/.test(line)) return { kind: 'nothing' }
  // A name may stand before its quoted value without a space: `port='5433'` and `include'x'`.
  const parts = setting.exec(line.replace(/^(\s*[\w.$]+)'/, "$1 '"))
  if (!parts) return { kind: 'wrong' }
  const [, word = '', written = ''] = parts
  const value = written.startsWith("'") ? unquoted(written) : written
  const how = includes.find((each) => each === word.toLowerCase())
  return how
    ? { kind: 'include', how, path: value }
    : // Names are compared without case by the server.
      { kind: 'setting', name: word.toLowerCase(), value }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const unquoted = (text: string): string =>
  text
    .slice(1, -1)
    .replace(/''|\\([0-7]{1,3}|.)/g, (whole, escaped: string | undefined) =>
      escaped === undefined
        ? "'"
        : /^[0-7]/.test(escaped)
          ? String.fromCharCode(Number.parseInt(escaped, 8) & 255)
          : (escapes[escaped] ?? whole.slice(1)),
    )
