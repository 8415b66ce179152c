package io.alldocs.cli.operations;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.scan.CacheInventory;
import io.alldocs.cache.scan.CacheScan;
import io.alldocs.cli.Address;
import io.alldocs.cli.UsageException;
import io.alldocs.packument.PackageName;
import io.alldocs.spi.NearestName;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that select entries of a cache; all entries if no option is given. A picocli mixin. */
public final class Selection {
    private static final Set<String> KINDS = new TreeSet<>(Set.of("partition", "packument", "abbreviated", "other"));

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            description =
                    "Only partition, packument, abbreviated or other (records of jobs, your own keys). May be repeated.")
    private Set<String> kinds = Set.of();

    @Mixin
    private OriginOption origin = new OriginOption();

    @Option(names = "--prefix", paramLabel = "P", description = "Only names that begin with P.")
    private @Nullable String prefix;

    @Option(
            names = "--package",
            paramLabel = "NAME",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            description = "Only this package. May be repeated.")
    private Set<String> packages = Set.of();

    /** Creates the options; called by picocli. */
    public Selection() {}

    /**
     * Validates what picocli cannot.
     *
     * @throws UsageException if a value is unknown or cannot be used
     */
    void check() {
        kinds.stream().filter(kind -> !KINDS.contains(kind)).findFirst().ifPresent(kind -> {
            throw new UsageException("--kind must be one of " + String.join(", ", KINDS) + ", not '" + kind + "'."
                    + NearestName.to(kind, KINDS)
                            .map(name -> " Did you mean " + name + "?")
                            .orElse(""));
        });
        originPart();
        names();
    }

    /** Returns whether {@code --kind} was given. */
    boolean namesKinds() {
        return !kinds.isEmpty();
    }

    /** Returns whether any of these options was given. */
    boolean isGiven() {
        return !kinds.isEmpty() || origin.origin().isPresent() || prefix != null || !packages.isEmpty();
    }

    /** Returns a predicate that accepts the selected keys. */
    Predicate<String> keys() {
        Optional<String> part = originPart();
        Set<String> names = names();
        return key -> {
            Optional<CacheKey> parsed = CacheKey.find(key);
            return (kinds.isEmpty() || kinds.contains(CacheInventory.kindOf(key)))
                    && (part.isEmpty() || parsed.map(CacheKey::origin).equals(part))
                    && ((prefix == null && names.isEmpty())
                            || parsed.flatMap(CacheKey::packageName)
                                    .filter(name -> isMeant(name, names))
                                    .isPresent());
        };
    }

    private boolean isMeant(String name, Set<String> names) {
        return (prefix == null || name.startsWith(prefix)) && (names.isEmpty() || names.contains(name));
    }

    /**
     * Returns a scan of the selected entries of {@code cache}. If one kind and one origin are selected, a store with
     * ordered listing lists only the keys of these.
     */
    CacheScan of(Cache cache) {
        String first = kinds.size() == 1 ? kinds.iterator().next() : CacheInventory.OTHER;
        String listed = first.equals(CacheInventory.OTHER)
                ? ""
                : "v1:" + first + ":" + originPart().map(part -> part + ":").orElse("");
        CacheScan scan = CacheScan.of(cache, listed);
        return isGiven() ? scan.where(keys()) : scan;
    }

    private Set<String> names() {
        return packages.stream().map(PackageName::normalize).collect(Collectors.toSet());
    }

    private Optional<String> originPart() {
        return origin.origin();
    }

    /**
     * Returns an origin as it appears in keys.
     *
     * @param text an address, or an origin as it appears in keys
     * @throws UsageException if the address cannot be used
     */
    static String originPart(String text) {
        return text.contains("://") ? partOf(text) : text;
    }

    /**
     * @throws UsageException if the address cannot be used; the message does not repeat it, since it may contain a
     *     password
     */
    private static String partOf(String address) {
        try {
            return CacheKey.originPart(new Address().convert(address));
        } catch (TypeConversionException e) {
            throw new UsageException("--origin: " + e.getMessage() + ".", e);
        }
    }
}
