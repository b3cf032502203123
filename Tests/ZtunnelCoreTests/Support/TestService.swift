import MeshModel

/// A service of a test mesh and the members that are its endpoints.
struct TestService {
    let service: Service
    let endpoints: [String]
}
