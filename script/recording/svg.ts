/** One line of a terminal, with its colours, and when it came. */
export interface Line {
  readonly atMs: number
  readonly text: string
}

const cell = { width: 7.85, height: 17 }
const padding = 14
/** Lines that are seen at once; older ones move up. */
const visible = 36

const colours: Readonly<Record<string, string>> = { '31': '#ff7b72', '32': '#7ee787', '33': '#e3b341', '36': '#79c0ff' }
const ink = '#c9d1d9'

/** Terminal cells: what the demo writes has one a character. */
const cellsOf = (text: string): number => Array.from(text).length

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/* oxlint-disable no-control-regex -- a terminal's colours are control characters */
/** A line as coloured spans: the few codes that our own style writes. */
function spans(text: string): string {
  let colour = ink
  let isBold = false
  let isDim = false
  let column = 0
  return text
    .split(/(\u001b\[[\d;]*m)/)
    .map((part) => {
      const code = /^\u001b\[([\d;]*)m$/.exec(part)
      if (!code) {
        if (part === '') return ''
        const x = (padding + column * cell.width).toFixed(1)
        const length = (cellsOf(part) * cell.width).toFixed(1)
        column += cellsOf(part)
        return `<tspan x="${x}" textLength="${length}" fill="${colour}"${isBold ? ' font-weight="600"' : ''}${isDim ? ' opacity=".6"' : ''}>${escape(part)}</tspan>`
      }
      for (const each of (code[1] ?? '').split(';')) {
        if (each === '1') isBold = true
        else if (each === '2') isDim = true
        else if (each === '22') isBold = isDim = false
        else if (each === '39' || each === '0' || each === '') colour = ink
        else colour = colours[each] ?? colour
        if (each === '0' || each === '') isBold = isDim = false
      }
      return ''
    })
    .join('')
}

/** A picture that plays once and stays at its end; a reader who wants less motion sees the end at once. */
export function svgOf(lines: readonly Line[], columns: number): string {
  const width = Math.ceil(columns * cell.width + 2 * padding)
  const height = Math.min(lines.length, visible) * cell.height + 2 * padding
  const lastMs = lines.at(-1)?.atMs ?? 0
  const rows = lines.map(({ atMs, text }, n) => {
    const y = padding + (n + 0.8) * cell.height
    return `<text y="${y.toFixed(1)}" style="animation-delay:${(atMs / 1000).toFixed(2)}s">${spans(text)}</text>`
  })
  const moves = lines
    .map(({ atMs }, n) => ({ atMs, up: Math.max(0, n + 1 - visible) * cell.height }))
    .filter(({ up }, n, all) => n === 0 || up !== all[n - 1]?.up)
  const frames = moves.map(
    ({ atMs, up }) => `${((atMs / Math.max(1, lastMs)) * 100).toFixed(2)}%{transform:translateY(-${up}px)}`,
  )
  const end = moves.at(-1)?.up ?? 0
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A recording of antemortem demo: an outage of 2024 on real servers, named after seconds, mended, and refused the second time; then a table of five outages, each named after seconds">
<style>
text{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;opacity:0;animation:show 1ms forwards}
@keyframes show{to{opacity:1}}
@keyframes up{${frames.join('')}100%{transform:translateY(-${end}px)}}
#all{animation:up ${(lastMs / 1000).toFixed(2)}s step-end forwards}
@media (prefers-reduced-motion:reduce){text{animation:none;opacity:1}#all{animation:none;transform:translateY(-${end}px)}}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<svg x="0" y="${padding / 2}" width="${width}" height="${height - padding}" overflow="hidden"><g transform="translate(0 -${padding / 2})"><g id="all">
${rows.join('\n')}
</g></g></svg>
</svg>
`
}
