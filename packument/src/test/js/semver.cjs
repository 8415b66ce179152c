// Prints the results of npm's semver. Reads {"versions": [...], "ranges": [...], "pairs": [[version, range], ...]} from
// standard input, where each pair has an index into each of the two lists. Prints which ranges are valid, which pairs
// match without and with prereleases, and how each pair's version compares with that of the next pair.
const semver = require('semver');

const { versions, ranges, pairs } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const parsed = versions.map((version) => new semver.SemVer(version, { loose: true }));
const read = (range, options) => {
  try {
    return new semver.Range(range, options);
  } catch (e) {
    return null;
  }
};
const plain = ranges.map((range) => read(range, {}));
const inclusive = ranges.map((range) => read(range, { includePrerelease: true }));
const test = (list) => pairs.map(([version, range]) => list[range] !== null && list[range].test(parsed[version]));

console.log(JSON.stringify({
  valid: plain.map((range) => range !== null),
  plain: test(plain),
  inclusive: test(inclusive),
  order: pairs.map(([version], i) => parsed[version].compare(parsed[pairs[(i + 1) % pairs.length][0]])),
}));
