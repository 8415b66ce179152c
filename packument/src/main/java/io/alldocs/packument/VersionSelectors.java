package io.alldocs.packument;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Packages and versions as a policy names them: {@code NAME} or {@code NAME@VERSIONS}, where {@code *} in NAME matches
 * any characters. Immutable.
 *
 * @param text selectors as they were written
 * @param byName selectors without {@code *}, which are looked up. There may be 100,000 of them, so their ranges are
 *     kept as text
 * @param globs the other selectors, which are tried one by one
 * @param versions parses the part after the {@code @}
 */
record VersionSelectors(
        List<String> text,
        Map<String, List<String>> byName,
        Map<String, NameFilter> globs,
        VersionSelectors.Versions versions) {

    /**
     * A selector.
     *
     * @param versions returns whether the selector includes a version as the packument spells it
     */
    record Selector(String text, Predicate<String> versions) {}

    /** Parses the part after the {@code @}. */
    interface Versions {
        Predicate<String> read(String text);
    }

    /**
     * Parses selectors whose versions are ranges.
     *
     * @param inclusive whether a range includes prereleases like any other version, and also versions that npm cannot
     *     parse
     * @throws IllegalArgumentException if a name or range cannot be parsed
     */
    static VersionSelectors ofRanges(List<String> texts, boolean inclusive) {
        return of(texts, text -> {
            NpmRange range = NpmRange.parse(text, inclusive);
            return version -> NpmVersion.parse(version).map(range::accepts).orElse(inclusive);
        });
    }

    /**
     * Parses selectors whose versions are exact: {@code 1.2.3}, or several separated by {@code ||}.
     *
     * @throws IllegalArgumentException if a name or version cannot be parsed
     */
    static VersionSelectors ofVersions(List<String> texts) {
        return of(texts, text -> {
            List<NpmVersion> versions = Stream.of(text.split("\\|\\|", -1))
                    .map(version -> NpmVersion.parse(version.strip())
                            .orElseThrow(() -> new IllegalArgumentException(
                                    PackageName.quote(version.strip()) + " is not an exact version such as 1.2.3.")))
                    .toList();
            return version -> NpmVersion.parse(version)
                    .filter(parsed -> versions.stream().anyMatch(parsed::equals))
                    .isPresent();
        });
    }

    private static VersionSelectors of(List<String> texts, Versions versions) {
        Map<String, List<String>> byName = new HashMap<>();
        Map<String, NameFilter> globs = new LinkedHashMap<>();
        for (String text : texts) {
            String name = name(text);
            if (name.isEmpty() || range(text).filter(String::isEmpty).isPresent()) {
                throw new IllegalArgumentException(
                        PackageName.quote(text) + " must be NAME or NAME@VERSION, with * in NAME for any characters.");
            }
            NameFilter names = NameFilter.of(List.of(name), List.of());
            selector(text, versions);
            if (name.indexOf('*') < 0) {
                byName.computeIfAbsent(PackageName.normalize(name), key -> new ArrayList<>(1))
                        .add(text);
            } else {
                globs.put(text, names);
            }
        }
        return new VersionSelectors(
                List.copyOf(texts), Map.copyOf(byName), Collections.unmodifiableMap(globs), versions);
    }

    private static String name(String text) {
        int at = text.indexOf('@', 1);
        return (at < 0 ? text : text.substring(0, at)).strip();
    }

    private static Optional<String> range(String text) {
        int at = text.indexOf('@', 1);
        return at < 0 ? Optional.empty() : Optional.of(text.substring(at + 1).strip());
    }

    private static Selector selector(String text, Versions versions) {
        return new Selector(text, range(text).map(versions::read).orElse(version -> true));
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /** Returns the selectors that apply to {@code name}. */
    List<Selector> of(String name) {
        List<String> texts = new ArrayList<>(byName.getOrDefault(name, List.of()));
        globs.forEach((text, names) -> {
            if (names.allows(name)) {
                texts.add(text);
            }
        });
        return texts.stream().map(text -> selector(text, versions)).toList();
    }

    /** Returns the first of {@code selectors} that includes {@code version}. */
    static Optional<Selector> find(List<Selector> selectors, String version) {
        return selectors.stream()
                .filter(selector -> selector.versions().test(version))
                .findFirst();
    }
}
