// Written by `npm run generate`; not to be edited.
import type { Suspect } from '../core/diagnosis.ts'
import applicationCode from './suspects/application-code.ts'
import deployment from './suspects/deployment.ts'
import load from './suspects/load.ts'
import network from './suspects/network.ts'
import serverDown from './suspects/server-down.ts'

export const suspects: readonly Suspect[] = [
  applicationCode,
  deployment,
  load,
  network,
  serverDown,
]
