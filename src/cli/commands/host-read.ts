import { AntemortemError } from '../../core/error.ts'
import { serveHost } from '../../hosts/serve.ts'
import { defineCommand } from '../command.ts'

/** The forced command of an ssh key: it answers a watcher on another host, and nobody types it. */
export default defineCommand({
  name: 'host-read',
  summary: 'the other end of `host: { ssh: … }`: a forced command in authorized_keys, reads only',
  options: [
    { flags: '--data <dir>', summary: 'the data directory of the server' },
    { flags: '--log <path>', summary: "its log file, or the folder of the collector's files" },
  ],
  example: 'antemortem host-read --data /var/lib/postgresql/18/main --log /var/log/postgresql',
  formats: ['text'],
  async run({ options, signal }) {
    const dataDir = options.text('data')
    if (dataDir === null)
      throw new AntemortemError(
        'usage',
        'host-read needs --data DIR',
        'It is a forced command in authorized_keys: docs/host-reader.md.',
        { exit: 2 },
      )
    // The streams themselves: what goes over them is a conversation between programs, and bytes of a log are no JSON of ours.
    await serveHost({ dataDir, log: options.text('log') }, { input: process.stdin, output: process.stdout, signal })
  },
})
