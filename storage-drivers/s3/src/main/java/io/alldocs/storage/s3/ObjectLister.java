package io.alldocs.storage.s3;

import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.KeyPages.NamePage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Requests pages of the names of a bucket's objects.
 *
 * @param prefix of the listed keys, for messages
 */
record ObjectLister(Bucket bucket, String prefix) implements KeyPages.NamePages {

    @Override
    public NamePage next(String stem, @Nullable String after) {
        ListObjectsV2Response answer = bucket.attempt(
                "list the keys that begin with",
                prefix,
                () -> bucket.client()
                        .listObjectsV2(request -> request.bucket(bucket.name())
                                .prefix(stem)
                                .startAfter(after)
                                .encodingType(EncodingType.URL)));
        List<String> names = answer.contents().stream().map(S3Object::key).toList();
        return new NamePage(names, Boolean.TRUE.equals(answer.isTruncated()) && !names.isEmpty());
    }
}
