// Programs that are run as a person runs them in a shell.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const run = promisify(execFile);

// What it printed; a failure shows all of it.
export async function printed(program, args, options = {}) {
  try {
    const { stdout, stderr } = await run(program, args, { maxBuffer: 1 << 24, ...options });
    return stdout + stderr;
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}: ${error.message}\n${error.stdout}${error.stderr}`);
  }
}
