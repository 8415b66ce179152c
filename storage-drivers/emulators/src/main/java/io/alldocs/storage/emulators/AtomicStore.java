package io.alldocs.storage.emulators;

import io.alldocs.cache.spi.KeyOrder;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Corrects deviations of S3Proxy's store from S3. S3Proxy reads an object's metadata and bytes separately, so the
 * object may be replaced in between. It allows two concurrent conditional puts to succeed, and lists names in the order
 * of UTF-16.
 */
final class AtomicStore extends ForwardingBlobStore {
    private static final int PAGE = 1000;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    AtomicStore(BlobStore store) {
        super(store);
    }

    @Override
    public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
        return holding(lock.readLock(), () -> super.getBlob(request));
    }

    @Override
    public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
        return holding(lock.readLock(), () -> super.blobMetadata(request));
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream body) {
        return holding(lock.writeLock(), () -> super.putBlob(request, body));
    }

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
        return holding(lock.writeLock(), () -> super.copyBlob(request));
    }

    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
        return holding(lock.writeLock(), () -> super.removeBlob(request));
    }

    private static <T> T holding(Lock lock, Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ListObjectsV2Response list(ListObjectsV2Request request) {
        ListObjectsV2Response all = super.list(request.toBuilder()
                .startAfter(null)
                .continuationToken(null)
                .maxKeys(Integer.MAX_VALUE)
                .build());
        String after = Optional.ofNullable(request.continuationToken()).orElse(request.startAfter());
        List<S3Object> rest = all.contents().stream()
                .filter(object -> after == null || KeyOrder.UTF8.compare(object.key(), after) > 0)
                .sorted(Comparator.comparing(S3Object::key, KeyOrder.UTF8))
                .toList();
        int size = Math.min(rest.size(), Optional.ofNullable(request.maxKeys()).orElse(PAGE));
        boolean more = size > 0 && size < rest.size();
        return all.toBuilder()
                .contents(rest.subList(0, size))
                .isTruncated(more)
                .nextContinuationToken(more ? rest.get(size - 1).key() : null)
                .build();
    }
}
