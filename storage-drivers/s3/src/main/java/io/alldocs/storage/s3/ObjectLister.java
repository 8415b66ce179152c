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
    private static final String VERB = "list the keys that begin with";

    /**
     * Requests the page after a truncated page without names by its token, because no name is available from which the
     * next page could start.
     */
    @Override
    public NamePage next(String stem, @Nullable String after) {
        String token = null;
        while (true) {
            ListObjectsV2Response answer = page(stem, after, token);
            List<S3Object> objects = answer.contents();
            boolean more = answer.isTruncated();
            if (!objects.isEmpty() || !more) {
                return new NamePage(objects.stream().map(S3Object::key).toList(), more);
            }
            String following = answer.nextContinuationToken();
            new Responses(bucket.support(), VERB, prefix)
                    .require(
                            following != null && !following.equals(token),
                            "names and a new token although the listing is truncated",
                            answer);
            token = following;
        }
    }

    private ListObjectsV2Response page(String stem, @Nullable String after, @Nullable String token) {
        ListObjectsV2Response answer = bucket.attempt(
                VERB,
                prefix,
                () -> bucket.client()
                        .listObjectsV2(request -> request.bucket(bucket.name())
                                .prefix(stem)
                                .startAfter(after)
                                .continuationToken(token)
                                .encodingType(EncodingType.URL)));
        Responses answers = new Responses(bucket.support(), VERB, prefix);
        // Each listing has this element, and no other response of S3 has it.
        answers.require(answer.isTruncated() != null, "the element IsTruncated of a listing", answer);
        answers.require(
                answer.contents().stream().allMatch(object -> object.key() != null), "the keys of its objects", answer);
        return answer;
    }
}
