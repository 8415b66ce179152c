package io.alldocs.storage.gcs;

import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.KeyPages.NamePage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests pages of the names of a bucket's objects.
 *
 * @param prefix of the listed keys, for messages
 */
record ObjectLister(Bucket bucket, KeyNames names, String prefix) implements KeyPages.NamePages {
    /**
     * Maximum size of a page of a listing: <a
     * href="https://cloud.google.com/storage/docs/json_api/v1/objects/list">Objects: list</a>.
     */
    private static final int MAX_PAGE = 1000;

    @Override
    public NamePage next(String stem, @Nullable String after) {
        // The start offset is inclusive.
        Objects page =
                bucket.list("list the keys that begin with", prefix, stem, after == null ? null : cut(after), MAX_PAGE);
        bucket.seen();
        List<StorageObject> objects = page.getItems() == null ? List.of() : page.getItems();
        return new NamePage(objects.stream().map(StorageObject::getName).toList(), page.getNextPageToken() != null);
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
