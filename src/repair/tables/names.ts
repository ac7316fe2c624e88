/** PostgreSQL cuts a name at 63 bytes; behind ours comes `_i` and a number for an index. */
const mostBytes = 40

/** The start of a name, in whole characters. */
function startOf(name: string): string {
  let start = ''
  for (const character of name) {
    if (Buffer.byteLength(start + character) > mostBytes) break
    start += character
  }
  return start
}

/** The tables of a rebuild, in the schema of the damaged one; `id` of the plan keeps them apart from everybody else's. */
export const rebuildNames = (table: string, id: string): { readonly twin: string; readonly kept: string } => {
  const mark = id.replaceAll(/[^a-z0-9]/g, '').slice(-8)
  return { twin: `${startOf(table)}_rebuilt_${mark}`, kept: `${startOf(table)}_damaged_${mark}` }
}
