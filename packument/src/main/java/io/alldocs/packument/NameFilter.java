package io.alldocs.packument;

import io.alldocs.http.TextLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Selects packages by name. A name is selected if no deny pattern matches it, and if an allow pattern matches it or the
 * filter has no allow patterns. In a pattern, {@code *} matches any characters, including the slash after a scope:
 * {@code express}, {@code @types/*}, {@code *-loader}. A pattern that cannot match any name is refused, because it must
 * be a mistake. Immutable and safe for concurrent use.
 */
public final class NameFilter {
    /** A filter that allows every name. */
    public static final NameFilter ALL = new NameFilter(Patterns.of(List.of()), Patterns.of(List.of()), Set.of());

    private static final int MAX_COMPLAINTS = 20;

    private final Patterns allow;
    private final Patterns deny;

    private final Set<String> excludedScopes;

    private NameFilter(Patterns allow, Patterns deny, Set<String> excludedScopes) {
        this.allow = allow;
        this.deny = deny;
        this.excludedScopes = excludedScopes;
    }

    /**
     * Returns a filter of patterns. Millions of plain names among them are supported.
     *
     * @param allow patterns of allowed names; if empty, all names are allowed
     * @param deny patterns of denied names, which take precedence over {@code allow}
     * @throws IllegalArgumentException if a pattern cannot match any name, such as the empty pattern
     */
    public static NameFilter of(Collection<String> allow, Collection<String> deny) {
        return allow.isEmpty() && deny.isEmpty()
                ? ALL
                : new NameFilter(Patterns.of(allow), Patterns.of(deny), Set.of());
    }

    /**
     * Returns this filter without the names of some scopes, because those scopes have another registry.
     *
     * @param scopes each with its {@code @}
     */
    public NameFilter excludingScopes(Set<String> scopes) {
        return scopes.equals(excludedScopes) ? this : new NameFilter(allow, deny, caseless(scopes));
    }

    private static Set<String> caseless(Set<String> scopes) {
        Set<String> caseless = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        caseless.addAll(scopes);
        return caseless;
    }

    /** Returns whether {@code name} is excluded because its scope has another registry. */
    public boolean isOfExcludedScope(String name) {
        return !excludedScopes.isEmpty()
                && PackageName.scope(name).filter(excludedScopes::contains).isPresent();
    }

    /**
     * Reads the patterns in a file, one per line, decoded as {@link TextLines} describes. Blank lines and lines that
     * begin with {@code #} are ignored.
     *
     * @throws IllegalArgumentException if a line cannot be decoded or cannot match any name; the message contains the
     *     first 20 such lines
     * @throws IOException if the file cannot be read
     */
    public static List<String> readPatterns(Path file) throws IOException {
        List<String> patterns = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        try (TextLines lines = TextLines.open(file)) {
            while (complaints.size() < MAX_COMPLAINTS) {
                try {
                    Optional<String> line = lines.nextItem();
                    if (line.isEmpty()) {
                        break;
                    }
                    NamePattern.check(line.get());
                    patterns.add(line.get());
                } catch (IllegalArgumentException e) {
                    complaints.add("line " + lines.number() + ": " + e.getMessage());
                } catch (TextLines.LineException e) {
                    complaints.add(String.valueOf(e.getMessage()));
                }
            }
        }
        if (!complaints.isEmpty()) {
            throw new IllegalArgumentException(
                    "Not every line of " + file + " is a valid name pattern. " + String.join(" ", complaints));
        }
        return patterns;
    }

    /** Returns whether the filter selects {@code name}. */
    public boolean allows(String name) {
        return (allow.isEmpty() || allow.match(name)) && !deny.match(name) && !isOfExcludedScope(name);
    }

    /** Returns the patterns of allowed names, in order; empty if all names are allowed. */
    public List<String> allow() {
        return allow.all();
    }

    /** Returns the patterns of denied names, in order. */
    public List<String> deny() {
        return deny.all();
    }

    /**
     * Returns a string that is equal for filters with the same patterns and scopes, in any order; empty for
     * {@link #ALL}.
     */
    public String fingerprint() {
        if (allow.isEmpty() && deny.isEmpty() && excludedScopes.isEmpty()) {
            return "";
        }
        MessageDigest digest = sha256();
        allow.update(digest);
        digest.update((byte) '\n');
        deny.update(digest);
        excludedScopes.forEach(scope -> digest.update(("\n" + scope + "/").getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }

    /** A list of patterns. Plain names are looked up in a set; only patterns with a {@code *} are tried one by one. */
    private record Patterns(Set<String> names, List<String> globs) {

        static Patterns of(Collection<String> patterns) {
            Set<String> names = new HashSet<>();
            List<String> globs = new ArrayList<>();
            for (String pattern : patterns) {
                String checked = NamePattern.check(pattern);
                if (checked.indexOf('*') < 0) {
                    names.add(checked);
                } else {
                    globs.add(checked);
                }
            }
            return new Patterns(names, globs);
        }

        boolean isEmpty() {
            return names.isEmpty() && globs.isEmpty();
        }

        boolean match(String name) {
            if (names.contains(name)) {
                return true;
            }
            for (String glob : globs) {
                if (matches(glob, name)) {
                    return true;
                }
            }
            return false;
        }

        /**
         * Matches the first part at the start, the last part at the end, and each part in between at its first
         * occurrence. The time is therefore bounded for every pattern.
         */
        private static boolean matches(String glob, String name) {
            int star = glob.indexOf('*');
            if (!name.startsWith(glob.substring(0, star))) {
                return false;
            }
            int at = star;
            int part = star + 1;
            for (int next = glob.indexOf('*', part); next >= 0; next = glob.indexOf('*', part)) {
                int found = name.indexOf(glob.substring(part, next), at);
                if (found < 0) {
                    return false;
                }
                at = found + next - part;
                part = next + 1;
            }
            String end = glob.substring(part);
            return name.length() - end.length() >= at && name.endsWith(end);
        }

        List<String> all() {
            Set<String> all = new TreeSet<>(names);
            all.addAll(globs);
            return List.copyOf(all);
        }

        void update(MessageDigest digest) {
            all().forEach(pattern -> digest.update((pattern + '\n').getBytes(StandardCharsets.UTF_8)));
        }
    }
}
