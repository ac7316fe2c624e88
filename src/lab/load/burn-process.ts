/** A process that only counts, for so long: what a backup, a build or a neighbour does to a host. */
const endMs = performance.now() + Number(JSON.parse(process.argv[2] ?? '0'))

process.once('disconnect', () => process.exit(0))
process.once('SIGTERM', () => process.exit(0))

/** Between two turns there is time to hear that we are to end. */
function turn(): void {
  const untilMs = performance.now() + 50
  let sum = 0
  while (performance.now() < untilMs) sum = Math.sqrt(sum + 1)
  if (performance.now() >= endMs) process.exit(0)
  setImmediate(turn)
}
turn()
