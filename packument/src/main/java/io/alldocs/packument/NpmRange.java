package io.alldocs.packument;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.semver4j.range.Range;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/**
 * A range of versions as npm understands it: {@code ^1.2.0}, {@code >=1 <3 || 5.x}, {@code 1.2 - 1.4}. Immutable.
 *
 * <p>semver4j translates a range into comparators. This class itself validates ranges and compares versions, because
 * semver4j does both differently from npm's {@code semver}. For example, semver4j treats the word {@code latest} as any
 * version. It also drops an empty alternative, which npm interprets as any version.
 */
final class NpmRange {
    private static final String PART = "(?:\\d+|[xX*])";
    private static final String QUALIFIER =
            "(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?";
    private static final String PARTIAL = "[v=\\s]*+" + PART + "(?:\\." + PART + "(?:\\." + PART + QUALIFIER + ")?)?";
    private static final String SIMPLE = "(?:<=|>=|<|>|=|\\^|~>|~)?+\\s*+" + PARTIAL;

    /**
     * The pattern can match each white space in only one way. Otherwise each part of an invalid range would double the
     * time, because of backtracking.
     */
    private static final Pattern ALTERNATIVE = Pattern.compile(
            "\\s*+(?:|" + PARTIAL + "\\s++-\\s++" + PARTIAL + "|" + SIMPLE + "(?:\\s++" + SIMPLE + ")*)\\s*+");

    private static final Pattern COMPARATOR = Pattern.compile("(<=|>=|<|>|=|)(.*)");

    private final String text;
    private final boolean includePrereleases;
    private final List<List<Comparator>> alternatives;

    private record Comparator(String operator, NpmVersion version) {

        static Comparator of(Range range) {
            Matcher matcher = COMPARATOR.matcher(range.toString());
            NpmVersion version = NpmVersion.parse(range.getRangeVersion().getVersion())
                    .orElseThrow(() -> new IllegalArgumentException("not a version: " + range.getRangeVersion()));
            return new Comparator(matcher.matches() ? matcher.group(1) : "=", version);
        }

        boolean accepts(NpmVersion candidate) {
            int order = candidate.compareTo(version);
            return switch (operator) {
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                case ">=" -> order >= 0;
                default -> order == 0;
            };
        }
    }

    private NpmRange(String text, boolean includePrereleases, List<List<Comparator>> alternatives) {
        this.text = text;
        this.includePrereleases = includePrereleases;
        this.alternatives = alternatives;
    }

    /**
     * Parses a range.
     *
     * @param includePrereleases if true, a prerelease between the range's ends matches like any other version. If
     *     false, it matches only if the range contains a prerelease of the same {@code major.minor.patch}, as in npm's
     *     installer
     * @throws IllegalArgumentException if npm would not accept {@code text} as a range, or a number in it is above
     *     2,147,483,647
     */
    static NpmRange parse(String text, boolean includePrereleases) {
        List<String> alternatives = List.of(text.split("\\|\\|", -1));
        if (!alternatives.stream()
                .allMatch(alternative -> ALTERNATIVE.matcher(alternative).matches())) {
            throw new IllegalArgumentException(
                    PackageName.quote(text) + " is not a version range such as ^1.2.0, >=1.0.0 <2.0.0 or 1.x || 3.x.");
        }
        String explicit = alternatives.stream()
                .map(alternative -> alternative.isBlank() ? "*" : alternative)
                .collect(Collectors.joining("||"));
        try {
            RangeList ranges = RangeListFactory.create(explicit, includePrereleases);
            List<List<Comparator>> comparators = ranges.get().stream()
                    .map(all -> all.stream().map(Comparator::of).toList())
                    .toList();
            return new NpmRange(text, includePrereleases, comparators);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "The version range " + PackageName.quote(text) + " cannot be parsed.", e);
        }
    }

    boolean accepts(NpmVersion version) {
        return alternatives.stream().anyMatch(all -> accepts(all, version));
    }

    private boolean accepts(List<Comparator> all, NpmVersion version) {
        boolean fits = all.stream().allMatch(comparator -> comparator.accepts(version));
        return fits && (includePrereleases || !version.isPrerelease() || namesPrereleaseOf(all, version));
    }

    private static boolean namesPrereleaseOf(List<Comparator> all, NpmVersion version) {
        return all.stream()
                .map(Comparator::version)
                .anyMatch(named -> named.isPrerelease() && named.hasSameTuple(version));
    }

    @Override
    public String toString() {
        return text;
    }
}
