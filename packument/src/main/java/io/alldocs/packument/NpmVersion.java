package io.alldocs.packument;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version in npm's order. It is parsed loosely, as npm's installer does for the versions of a packument:
 * {@code 1.2.3beta} is read as {@code 1.2.3-beta}. Immutable.
 *
 * <p>Precedence follows Semantic Versioning 2.0.0 §11. This class compares versions itself, because semver4j compares
 * prereleases by different rules: it sorts {@code 0.0.0-0c756fb} after {@code 0.0.0-experimental}. It also does not
 * support numeric identifiers larger than a long.
 *
 * @param prerelease identifiers after the first hyphen; empty for a release
 */
record NpmVersion(long major, long minor, long patch, List<String> prerelease) implements Comparable<NpmVersion> {
    private static final String IDENTIFIER = "(?:\\d*[A-Za-z-][A-Za-z0-9-]*|\\d+)";
    private static final Pattern LOOSE = Pattern.compile("[v=\\s]*(\\d+)\\.(\\d+)\\.(\\d+)(?:-?(" + IDENTIFIER
            + "(?:\\." + IDENTIFIER + ")*))?(?:\\+[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*)?\\s*");
    private static final Pattern DIGITS = Pattern.compile("\\d+");

    /**
     * npm's {@code MAX_LENGTH}. Together with JavaScript's {@code Number.MAX_SAFE_INTEGER} it limits what npm accepts
     * as a version.
     */
    private static final int MAX_CHARS = 256;

    private static final BigInteger MAX_NUMBER = BigInteger.valueOf((1L << 53) - 1);

    NpmVersion {
        prerelease = List.copyOf(prerelease);
    }

    /** Parses a version; empty if npm would not accept {@code text} as a version. */
    static Optional<NpmVersion> parse(String text) {
        Matcher matcher = LOOSE.matcher(text);
        if (text.length() > MAX_CHARS || !matcher.matches()) {
            return Optional.empty();
        }
        for (int i = 1; i <= 3; i++) {
            if (new BigInteger(matcher.group(i)).compareTo(MAX_NUMBER) > 0) {
                return Optional.empty();
            }
        }
        String prerelease = matcher.group(4);
        return Optional.of(new NpmVersion(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3)),
                prerelease == null ? List.of() : List.of(prerelease.split("\\.", -1))));
    }

    boolean isPrerelease() {
        return !prerelease.isEmpty();
    }

    /** Returns whether both have the same {@code major.minor.patch}, apart from any prerelease. */
    boolean hasSameTuple(NpmVersion other) {
        return major == other.major && minor == other.minor && patch == other.patch;
    }

    @Override
    public int compareTo(NpmVersion other) {
        int order = Long.compare(major, other.major);
        order = order != 0 ? order : Long.compare(minor, other.minor);
        order = order != 0 ? order : Long.compare(patch, other.patch);
        return order != 0 ? order : comparePrereleases(prerelease, other.prerelease);
    }

    private static int comparePrereleases(List<String> a, List<String> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return Boolean.compare(a.isEmpty(), b.isEmpty());
        }
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int order = compareIdentifiers(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    /** Compares two identifiers; numeric identifiers sort before alphanumeric ones. */
    private static int compareIdentifiers(String a, String b) {
        boolean numberA = DIGITS.matcher(a).matches();
        boolean numberB = DIGITS.matcher(b).matches();
        if (numberA && numberB) {
            return new BigInteger(a).compareTo(new BigInteger(b));
        }
        return numberA == numberB ? a.compareTo(b) : Boolean.compare(numberB, numberA);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch + (isPrerelease() ? "-" + String.join(".", prerelease) : "");
    }
}
