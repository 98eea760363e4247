// What did not arrive is sent again until it has, after pauses that double up to a minute: a server that fails is not
// helped by being asked more.
const FIRST = 5000;
const LONGEST = 60_000;
const MANY = 3;
let failed = 0; // in a row
let waiting;

/** Send it again later; whether it failed so often that whoever writes should know. What was sent while one waits for
 * that counts nothing: who goes on writing makes nobody wait longer. */
export function later(again) {
  if (waiting) return failed >= MANY;
  waiting = setTimeout(() => {
    waiting = undefined;
    again();
  }, Math.min(FIRST * 2 ** failed, LONGEST));
  failed += 1;
  return failed >= MANY;
}

/** The server has answered, whatever it said. */
export function heard() {
  clearTimeout(waiting);
  waiting = undefined;
  failed = 0;
}
