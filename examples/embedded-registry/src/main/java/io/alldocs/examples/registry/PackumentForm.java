package io.alldocs.examples.registry;

/** The two forms of a packument. */
public enum PackumentForm {
    /** All fields, including {@code _id}, {@code _rev}, {@code time} and the readme. This form is the default. */
    FULL("application/json"),
    /**
     * The fields that an installer needs. Clients request this form with
     * {@code Accept: application/vnd.npm.install-v1+json}.
     */
    ABBREVIATED("application/vnd.npm.install-v1+json");

    private final String contentType;

    PackumentForm(String contentType) {
        this.contentType = contentType;
    }

    /** Returns the media type of responses in this form. */
    public String contentType() {
        return contentType;
    }
}
