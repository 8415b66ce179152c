package io.alldocs.storage.s3;

import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.spi.KeyNames;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Lists keys page by page; each page is a separate request that starts after the last key of the previous one. */
final class ObjectLister implements Supplier<@Nullable Collection<String>> {
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
        ListObjectsV2Response answer = bucket.attempt(
                "list the keys that begin with",
                prefix,
                () -> bucket.client()
                        .listObjectsV2(request -> request.bucket(bucket.name())
                                .prefix(stem)
                                .startAfter(last)
                                .encodingType(EncodingType.URL)));
        List<S3Object> objects = answer.contents();
        more = Boolean.TRUE.equals(answer.isTruncated()) && !objects.isEmpty();
        last = objects.isEmpty() ? last : objects.get(objects.size() - 1).key();
        return objects.stream()
                .flatMap(object -> names.key(object.key()).stream())
                .toList();
    }
}
