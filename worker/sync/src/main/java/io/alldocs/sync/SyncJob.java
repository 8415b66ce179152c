package io.alldocs.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.JsonTree;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Defines which names are listed and what is fetched for each of them. Two jobs that differ in origin, registry, form,
 * range or names record their progress separately, so that many jobs can share one cache. A job with another filter is
 * the same job, and fetches the newly allowed names.
 *
 * @param origin where names and changes come from; empty when names are given and only the registry is used
 * @param registry where packuments come from
 * @param form what is fetched for each name
 * @param range which names; the whole key space when names are given
 * @param names the names that were given, instead of those of the origin
 * @param filter names whose packuments are fetched
 * @param deletions how names that the origin deleted are handled
 */
public record SyncJob(
        Optional<URI> origin,
        URI registry,
        SyncForm form,
        Partition range,
        Optional<NameList> names,
        NameFilter filter,
        DeletionPolicy deletions) {

    /** npm's replica, which lists the names. */
    public static final URI NPM_ORIGIN = URI.create("https://replicate.npmjs.com");

    private static final int MAX_STORED_PATTERNS = 1_000;

    /** npm's registry. */
    public static final URI NPM_REGISTRY = URI.create("https://registry.npmjs.com");

    /**
     * Checks that the names come from somewhere.
     *
     * @throws IllegalArgumentException when there is neither an origin nor a list of names, or a list together with a
     *     range or with {@link SyncForm#NAMES}
     */
    public SyncJob {
        if (origin.isEmpty() && names.isEmpty()) {
            throw new IllegalArgumentException("A job needs an origin or a list of names.");
        }
        if (names.isPresent() && !range.equals(Partition.all())) {
            throw new IllegalArgumentException("A job must not have both a list of names and a range of names.");
        }
        if (names.isPresent() && form == SyncForm.NAMES) {
            throw new IllegalArgumentException("A job with a list of names must fetch packuments.");
        }
    }

    /**
     * Returns this job without the names of scopes that have a registry other than {@link #registry}. These names must
     * not be requested from it, and count as {@code other_registry}.
     *
     * @throws IllegalArgumentException if the range begins or ends with such a name, because its ends are sent to the
     *     origin
     */
    SyncJob excludingScopes(NpmConfig npmConfig) {
        NameFilter here = filter.excludingScopes(npmConfig.scopesOutside(registry));
        Stream.of(range.start(), range.end())
                .flatMap(Optional::stream)
                .filter(here::isOfExcludedScope)
                .findFirst()
                .ifPresent(key -> {
                    throw new IllegalArgumentException("The range begins or ends at " + key
                            + ", whose scope has another registry in the npm configuration. Set registry and origin to"
                            + " that registry.");
                });
        return new SyncJob(origin, registry, form, range, names, here, deletions);
    }

    /** Returns a builder; its defaults are the whole of npm in the full form. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the name of the job's records in the cache: the same for the same job, another for any other. */
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

    /** Returns a description of the range or of the list of names. */
    public String what() {
        return names.map(file -> "the names in " + file.label()).orElseGet(() -> words(range));
    }

    /**
     * Returns whether a name is in the job's file; reads the file once, into 8 bytes per name.
     *
     * @throws IllegalStateException if the job has no file
     */
    Predicate<String> listed() {
        NameList file = names.orElseThrow(() -> new IllegalStateException("The job has no file of names."));
        return NameHashes.of(new FileNames(file))::contains;
    }

    /**
     * Returns the job as JSON, for a work item or a configuration file.
     *
     * @throws IllegalStateException when the job has a list of names, which is a file of this machine
     */
    public JsonTree toJson() {
        if (names.isPresent()) {
            throw new IllegalStateException(
                    "A job with a list of names (" + names.get().label() + ") cannot be written as JSON.");
        }
        return JsonTree.of(json(true));
    }

    /**
     * Returns the job as {@link #toJson} does, for the job's records, which are written often. Of a list of names it
     * contains the label, as {@code names}; of more than 1,000 patterns their number, as {@code patterns}.
     */
    ObjectNode definition() {
        int patterns = filter.allow().size() + filter.deny().size();
        ObjectNode json = json(patterns <= MAX_STORED_PATTERNS);
        names.ifPresent(list -> json.put("names", list.label()));
        return patterns <= MAX_STORED_PATTERNS ? json : json.put("patterns", patterns);
    }

    private ObjectNode json(boolean withPatterns) {
        ObjectNode json = RecordStore.object();
        json.put("origin", origin.map(URI::toString).orElse(null));
        json.put("registry", registry.toString()).put("form", form.label());
        json.put("startKey", range.start().orElse(null))
                .put("endKey", range.end().orElse(null));
        if (withPatterns) {
            filter.allow().forEach(json.putArray("allow")::add);
            filter.deny().forEach(json.putArray("deny")::add);
        }
        return json.put("deletions", deletions.name().toLowerCase(Locale.ROOT));
    }

    /**
     * Returns the job that {@link #toJson} wrote; an absent field has the builder's default.
     *
     * @throws IllegalArgumentException when a field has no valid value
     */
    public static SyncJob of(JsonTree json) {
        Builder job = builder()
                .origin(URI.create(json.path("origin").asText(NPM_ORIGIN.toString())))
                .registry(URI.create(json.path("registry").asText(NPM_REGISTRY.toString())))
                .form(SyncForm.valueOf(json.path("form").asText("full").toUpperCase(Locale.ROOT)))
                .deletions(DeletionPolicy.valueOf(
                        json.path("deletions").asText("mark").toUpperCase(Locale.ROOT)))
                .range(Partition.of(text(json.path("startKey")), text(json.path("endKey"))));
        return job.filter(NameFilter.of(texts(json.path("allow")), texts(json.path("deny"))))
                .build();
    }

    private static @Nullable String text(JsonTree json) {
        return json.isTextual() ? json.asText() : null;
    }

    private static List<String> texts(JsonTree array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** Returns a description of what is fetched and from where. */
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

    /** Builds a {@link SyncJob}. Not thread-safe. */
    public static final class Builder {
        private @Nullable URI origin = NPM_ORIGIN;
        private URI registry = NPM_REGISTRY;
        private SyncForm form = SyncForm.FULL;
        private Partition range = Partition.all();
        private @Nullable NameList names;
        private NameFilter filter = NameFilter.ALL;
        private DeletionPolicy deletions = DeletionPolicy.MARK;

        private Builder() {}

        /** Sets the CouchDB database that lists the names and feeds the changes. Default: npm's replica. */
        public Builder origin(URI value) {
            origin = value;
            return this;
        }

        /** Uses no database: the names are those of {@link #names}, and there is no feed to follow. */
        public Builder withoutOrigin() {
            origin = null;
            return this;
        }

        /** Sets the registry that provides the packuments. Default: npm's. */
        public Builder registry(URI value) {
            registry = value;
            return this;
        }

        /** Sets what is fetched for each name. Default: {@link SyncForm#FULL}. */
        public Builder form(SyncForm value) {
            form = value;
            return this;
        }

        /** Restricts the job to the names in this range. Default: all names. */
        public Builder range(Partition value) {
            range = value;
            return this;
        }

        /** Sets the names, instead of those of the origin. Default: the origin's. */
        public Builder names(NameList value) {
            names = value;
            return this;
        }

        /** Sets the names whose packuments are fetched. Default: all. */
        public Builder filter(NameFilter value) {
            filter = value;
            return this;
        }

        /** Sets how names that the origin deleted are handled. Default: {@link DeletionPolicy#MARK}. */
        public Builder deletions(DeletionPolicy value) {
            deletions = value;
            return this;
        }

        /**
         * Builds the job.
         *
         * @throws IllegalArgumentException when the settings contradict each other, as {@link SyncJob} describes
         */
        public SyncJob build() {
            return new SyncJob(
                    Optional.ofNullable(origin), registry, form, range, Optional.ofNullable(names), filter, deletions);
        }
    }
}
