package io.alldocs.examples.spring;

// region controller
import io.alldocs.cache.NotCachedException;
import io.alldocs.sync.RegistrySync;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Responds from the cache, and sends no request to the registry. */
@RestController
final class PackageController {
    private final RegistrySync sync;

    PackageController(RegistrySync sync) {
        this.sync = sync;
    }

    @GetMapping("/packages/{*path}")
    ResponseEntity<?> packument(@PathVariable String path) {
        String name = path.substring(1);
        try {
            return sync.packument(name)
                    .entry()
                    .<ResponseEntity<?>>map(entry -> ResponseEntity.ok()
                            .contentType(MediaType.APPLICATION_JSON)
                            .body(new InputStreamResource(entry.bodyStream())))
                    .orElseGet(() -> problem(HttpStatus.NOT_FOUND, "The registry has no packument of " + name + "."));
        } catch (NotCachedException e) {
            return sync.state().finished() == null
                    ? problem(HttpStatus.SERVICE_UNAVAILABLE, name + " is not fetched yet.")
                    : problem(
                            HttpStatus.NOT_FOUND,
                            name + " is not one of " + sync.job().what() + ".");
        } catch (IllegalArgumentException e) {
            return problem(HttpStatus.NOT_FOUND, name + " is not a package name.");
        }
    }

    private static ResponseEntity<ProblemDetail> problem(HttpStatus status, String detail) {
        return ResponseEntity.of(ProblemDetail.forStatusAndDetail(status, detail))
                .build();
    }
}
// endregion
