'use strict'
// Loaded by antemortem.js under a Node that is new enough.
const { existsSync, lstatSync, mkdirSync } = require('node:fs')
const { enableCompileCache } = require('node:module')
const { homedir } = require('node:os')
const { isAbsolute, join } = require('node:path')
const { pathToFileURL } = require('node:url')

// Node's notes on its own young modules (node:sqlite, types in a checkout) are none of the user's business.
const emitWarning = process.emitWarning
process.emitWarning = function (warning, ...rest) {
  const [type] = rest
  const name = typeof type === 'string' ? type : (type?.type ?? warning?.name)
  if (name !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest)
}

// A third of the time until the first word is spent on compiling. Node's own place for what it compiled is in /tmp, where
// anybody may lay code ready for us to run: ours is private, or there is none.
const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME = '' } = process.env
if (!NODE_COMPILE_CACHE && !NODE_DISABLE_COMPILE_CACHE) {
  const cache = privateCache()
  if (cache !== null) enableCompileCache(cache)
}

/** A directory below the user's caches that nobody else can write into; null where there can be none. */
function privateCache() {
  try {
    const ours = join(isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'antemortem')
    const cache = join(ours, 'compiled')
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    return isOurs(ours, 0o022) && isOurs(cache, 0o077) ? cache : null
  } catch {
    // No home, no room, no right: then it starts a little later.
    return null
  }
}

function isOurs(directory, closedTo) {
  const { mode, uid } = lstatSync(directory)
  // Windows has neither; there the user's profile is closed by itself.
  return process.getuid === undefined || (uid === process.getuid() && (mode & closedTo) === 0)
}

const source = join(__dirname, '..', 'src', 'cli', 'main.ts')
const main = existsSync(source) ? source : join(__dirname, '..', 'dist', 'cli', 'main.js')

import(pathToFileURL(main).href)
  .then(async (program) => {
    process.exitCode = await program.main(process.argv.slice(2))
    // What is still open after the end (a server that does not let go of its socket) must not hold the user up.
    setTimeout(() => process.exit(), 2_000).unref()
    if (process.connected) process.disconnect()
  })
  .catch((error) => {
    console.error(error)
    process.exit(70)
  })
