package io.alldocs.storage.gcs;

import com.google.cloud.storage.Blob;
import com.google.cloud.storage.Storage.BlobListOption;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.KeyPages.NamePage;
import java.util.ArrayList;
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
        var answer = bucket.attempt(
                "list the keys that begin with",
                prefix,
                () -> bucket.client().list(bucket.name(), options(stem, after)));
        bucket.seen();
        List<String> found = new ArrayList<>(MAX_PAGE);
        for (Blob object : answer.getValues()) {
            found.add(object.getName());
        }
        return new NamePage(found, answer.hasNextPage());
    }

    private BlobListOption[] options(String stem, @Nullable String after) {
        List<BlobListOption> options = new ArrayList<>(
                List.of(BlobListOption.prefix(stem), BlobListOption.pageSize(MAX_PAGE), Bucket.onlyNames()));
        if (after != null) {
            // The start offset is inclusive.
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
