import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** The fields of `/proc/<pid>/stat` behind the name, which may hold anything (proc(5)). */
const statOf = (pid: number): readonly string[] | undefined => {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
};

/** The processes that a process has started; none where there is no /proc. */
export const childrenOf = (parent: number): readonly number[] => {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && Number(statOf(pid)?.[1]) === parent);
  } catch {
    return [];
  }
};

/** Linux counts in hundredths of a second everywhere that Node.js runs (sysconf(3), _SC_CLK_TCK). */
const tick = 10_000;

/** Microseconds of CPU that a process has used, user and system; undefined where nobody tells. */
export const cpuTimeOf = (pid: number): number | undefined => {
  const fields = statOf(pid);
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) * tick;
};

/** The most memory a process has held (its resident set), in bytes. */
export const peakMemoryOf = (pid: number): number | undefined => {
  const found = /^VmHWM:\s+([0-9]+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return found === null ? undefined : Number(found[1]) * 1024;
};
