package io.alldocs.sync;

import io.alldocs.cache.CacheKey;
import io.alldocs.partition.Partition;
import java.net.URI;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What is to be fetched. Two jobs that differ in anything here keep their progress apart, so that many jobs can share one cache.
 *
 * @param origin where names and changes come from; empty when names are given and only the registry is asked
 * @param registry where packuments come from
 * @param form what is fetched for each name
 * @param range which names; the whole key space when names are given
 * @param names the names that were given, instead of those of the origin
 */
public record SyncJob(Optional<URI> origin, URI registry, SyncForm form, Partition range, Optional<NameList> names) {

    /** Checks that the names come from somewhere. */
    public SyncJob {
        if (origin.isEmpty() && names.isEmpty()) {
            throw new IllegalArgumentException("A job needs an origin or a file of names.");
        }
    }

    /** Name of the job's records in the cache: the same for the same job, another for any other. */
    public String id() {
        String range = CacheKey.partition(
                        origin.orElse(registry),
                        range().start().orElse(null),
                        range().end().orElse(null))
                .toString();
        return "bootstrap-"
                + Digest.of(
                        range,
                        CacheKey.originPart(registry),
                        form.label(),
                        origin.isPresent() ? "origin" : "registry only",
                        names.map(NameList::digest).orElse(""));
    }

    /** The range, or the file of names, in words. */
    public String what() {
        return names.map(file -> "the names in " + file.label()).orElseGet(() -> words(range));
    }

    /**
     * Tells whether a name stands in the job's file; reads it once, into 8 bytes a name.
     *
     * @throws IllegalStateException when the job has no file
     */
    public Predicate<String> listed() {
        NameList file = names.orElseThrow(() -> new IllegalStateException("The job has no file of names."));
        return NameHashes.of(new FileNames(file))::contains;
    }

    /** What is fetched from where, in words. */
    String label() {
        String source = origin.map(Object::toString).orElse(registry.toString());
        String packages =
                source.equals(registry.toString()) || form == SyncForm.NAMES ? "" : ", packuments from " + registry;
        return what() + " of " + source + packages + ", form " + form.label();
    }

    private static String words(Partition range) {
        String from = range.start().map(key -> " from " + key).orElse("");
        String before = range.end().map(key -> " before " + key).orElse("");
        return from.isEmpty() && before.isEmpty() ? "all names" : "names" + from + before;
    }
}
