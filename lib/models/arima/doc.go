// Package arima holds the linear models of a series: autoregression, and seasonal ARIMA with regressors by exact maximum
// likelihood.
//
// With B the lag operator (B y[t] = y[t-1]), ARIMA(p,d,q)(P,D,Q)s with regressors x is
//
//	u[t] = y[t] - β·x[t]
//	φ(B) Φ(Bˢ) (1-B)ᵈ (1-Bˢ)ᴰ u[t] = trend[t] + θ(B) Θ(Bˢ) ε[t],   ε[t] ~ N(0, σ²)
//	φ(B) = 1 - φ₁B - … - φₚBᵖ,   θ(B) = 1 + θ₁B + … + θ_qB^q,   Φ and Θ the same in Bˢ
//
// The likelihood is exact: the model becomes a state space and a Kalman filter gives the density of each observation
// given those before it, so that a missing one costs nothing but its information. Meaning, parameter names, starting
// values, transforms and warnings follow SARIMAX of statsmodels 0.14.6, against which the numbers are held. The default start doesn't:
// statsmodels' depends on the series' unit, see [Start].
//
// Sources:
//   - Box, Jenkins, Reinsel & Ljung, Time Series Analysis, 5th ed., 2015: the models and their use.
//   - Durbin & Koopman, Time Series Analysis by State Space Methods, 2nd ed., 2012: the filter (4.3), the diffuse start (5.2).
//   - Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989, 3.4: the state space form.
//   - Gardner, Harvey & Phillips, Algorithm AS 154, Applied Statistics 29:311, 1980: the covariance of a stationary start.
//   - Monahan, Biometrika 71:403, 1984: the transform that keeps a polynomial's roots outside the unit circle.
package arima
