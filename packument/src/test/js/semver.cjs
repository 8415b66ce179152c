// Reads {"versions": [...], "ranges": [...], "pairs": [[version, range], ...]} from standard input, by indexes into the two lists, and writes what npm's
// semver says: which ranges are valid, which pairs fit without and with prereleases, and the versions in order.
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
