package io.alldocs.cli.names;

import io.alldocs.packument.PackageName;
import java.util.regex.Pattern;

/**
 * An npm package spec: a name, or a name with a version, range or tag to install, as in {@code react@^18}. This record
 * keeps the name only.
 *
 * <p>An at sign is part of a name only if it is the first character. The next at sign begins the version, range or tag.
 * An alias ({@code npm:name@range}, or {@code alias@npm:name@range}) is replaced by the aliased name.
 *
 * @param name name of the package, normalized
 * @param hasVersion whether the spec has a version, range or tag, or is an alias
 */
record PackageSpec(String name, boolean hasVersion) {
    private static final String ALIAS = "npm:";

    /**
     * Matches texts that npm reads as a file, a folder, a workspace, a repository or an address, and not as a version.
     */
    private static final Pattern NOT_FROM_A_REGISTRY = Pattern.compile(
            "(?:file|link|portal|patch|workspace|catalog|git|github|gitlab|bitbucket|gist|https?|ssh|git\\+[a-z]+):.*"
                    + "|git@.*|(?:\\.{1,2}|~|[A-Za-z]:)[/\\\\].*|/.*|[\\w.-]+/[\\w.-]+(?:#.*)?|.*\\.(?:tgz|tar|tar\\.gz)");

    /**
     * Parses a line of a list or an element of an array.
     *
     * @param text such as {@code react}, {@code react@18.2.0}, {@code @scope/name@latest}, {@code npm:name@1}
     * @throws IllegalArgumentException if {@code text} contains no package name, or names something that is not from a
     *     registry; the message says why
     */
    static PackageSpec parse(String text) {
        String spec = text.strip();
        if (spec.startsWith(ALIAS)) {
            return new PackageSpec(parse(spec.substring(ALIAS.length())).name(), true);
        }
        int at = spec.indexOf('@', 1);
        if (at < 0) {
            return new PackageSpec(name(spec), false);
        }
        return ofDependency(spec.substring(0, at), spec.substring(at + 1));
    }

    /**
     * Parses a dependency of a {@code package.json}.
     *
     * @param key the name under which it is required
     * @param wanted its version, range, tag, or alias
     * @throws IllegalArgumentException as {@link #parse}
     */
    static PackageSpec ofDependency(String key, String wanted) {
        if (wanted.startsWith(ALIAS)) {
            return new PackageSpec(parse(wanted.substring(ALIAS.length())).name(), true);
        }
        if (!isFromARegistry(wanted)) {
            throw new IllegalArgumentException(key + " is not from a registry: " + withoutSecrets(wanted));
        }
        return new PackageSpec(name(key), true);
    }

    /** Returns whether {@code wanted} is a version, range, tag or alias, not a file, folder, repository or address. */
    static boolean isFromARegistry(String wanted) {
        return wanted.startsWith(ALIAS)
                || !NOT_FROM_A_REGISTRY.matcher(wanted.strip()).matches();
    }

    /** Removes passwords, which the addresses of repositories may contain. */
    private static String withoutSecrets(String wanted) {
        return wanted.replaceAll("//[^/@]*@", "//");
    }

    private static String name(String text) {
        if (text.startsWith("\"") || text.startsWith("'") || text.endsWith(",")) {
            throw new IllegalArgumentException(
                    "Not a package name: " + text
                            + ": it has quotes or a comma of a JSON array. Write plain names, one per line, or the whole array.");
        }
        if (NOT_FROM_A_REGISTRY.matcher(text).matches() && !text.startsWith("/")) {
            throw new IllegalArgumentException(
                    "Not a package name: " + withoutSecrets(text) + ": it names a file, folder or address.");
        }
        return PackageName.listed(text);
    }
}
