package io.alldocs.storage.gcs;

import com.google.cloud.storage.Blob;
import com.google.cloud.storage.Storage.BlobListOption;
import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.spi.KeyNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lists keys page by page. Each page is a separate request that starts after the last key of the previous one, so any
 * amount of time may pass between pages.
 */
final class ObjectLister implements Supplier<@Nullable Collection<String>> {
    /**
     * Maximum size of a page of a listing: <a
     * href="https://cloud.google.com/storage/docs/json_api/v1/objects/list">Objects: list</a>.
     */
    private static final int MAX_PAGE = 1000;

    private final Bucket bucket;
    private final KeyNames names;
    private final String prefix;
    private final String stem;
    private @Nullable String last;
    private boolean more;

    ObjectLister(Bucket bucket, KeyNames names, String prefix, @Nullable String startAfter) {
        this.bucket = bucket;
        this.names = names;
        this.prefix = prefix;
        this.stem = names.stem(prefix);
        this.more = names.fits(stem);
        if (startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0) {
            this.last = names.unchecked(startAfter);
        }
    }

    @Override
    public @Nullable Collection<String> get() {
        if (!more) {
            return null;
        }
        String after = last;
        var answer = bucket.attempt(
                "list the keys that begin with", prefix, () -> bucket.client().list(bucket.name(), options(after)));
        bucket.seen();
        List<String> found = new ArrayList<>(MAX_PAGE);
        for (Blob object : answer.getValues()) {
            last = object.getName();
            // The start offset is inclusive.
            if (after == null || KeyOrder.UTF8.compare(last, after) > 0) {
                names.key(last).ifPresent(found::add);
            }
        }
        more = answer.hasNextPage();
        return found;
    }

    private BlobListOption[] options(@Nullable String after) {
        List<BlobListOption> options = new ArrayList<>(
                List.of(BlobListOption.prefix(stem), BlobListOption.pageSize(MAX_PAGE), Bucket.onlyNames()));
        if (after != null) {
            options.add(BlobListOption.startOffset(cut(after)));
        }
        return options.toArray(BlobListOption[]::new);
    }

    /** Truncates text longer than any name to a name below all names that follow it. */
    private String cut(String name) {
        String cut = name;
        while (!names.fits(cut)) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }
}
