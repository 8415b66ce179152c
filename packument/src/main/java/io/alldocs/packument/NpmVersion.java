package io.alldocs.packument;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version in npm's order, read as npm's installer reads the versions of a packument: loosely, so {@code 1.2.3beta} counts as {@code 1.2.3-beta}.
 * Immutable.
 *
 * <p>Precedence is that of Semantic Versioning 2.0.0 §11. semver4j compares prereleases by rules of its own ({@code 0.0.0-0c756fb} comes after {@code
 * 0.0.0-experimental} there) and cannot compare numeric identifiers above a long, so versions are compared here.
 *
 * @param prerelease the identifiers after the first hyphen; empty for a release
 */
record NpmVersion(long major, long minor, long patch, List<String> prerelease) implements Comparable<NpmVersion> {
    private static final String IDENTIFIER = "(?:\\d*[A-Za-z-][A-Za-z0-9-]*|\\d+)";
    private static final Pattern LOOSE = Pattern.compile("[v=\\s]*(\\d+)\\.(\\d+)\\.(\\d+)(?:-?(" + IDENTIFIER
            + "(?:\\." + IDENTIFIER + ")*))?(?:\\+[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*)?\\s*");
    private static final Pattern DIGITS = Pattern.compile("\\d+");

    /** npm's {@code MAX_LENGTH} and JavaScript's {@code Number.MAX_SAFE_INTEGER}: what exceeds them is no version to npm. */
    private static final int MAX_CHARS = 256;

    private static final BigInteger MAX_NUMBER = BigInteger.valueOf((1L << 53) - 1);

    NpmVersion {
        prerelease = List.copyOf(prerelease);
    }

    /** The version that {@code text} spells; empty where npm would not take it for one. */
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

    /** Whether both are releases, or prereleases, of the same {@code major.minor.patch}. */
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

    /** Numbers come before texts. */
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
